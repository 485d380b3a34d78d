/** Entry: `<lesson-player>`. The contract of its data and events stands in lesson-player.js. */
import { LessonPlayer } from './lesson-player.js';

if (!customElements.get('lesson-player')) customElements.define('lesson-player', LessonPlayer);
