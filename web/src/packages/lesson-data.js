/** From a lesson manifest on this phone to what `<lesson-player>` reads. Pure. */
import { objectUrl } from '../offline/objects.js';

/**
 * @param {import('../offline/shelf.js').Material} row
 * @returns {object} the player's data with only what is here
 */
export function lessonData(row) {
  const lesson = /** @type {import('../offline/manifest.js').LessonManifest} */ (row.lesson);
  const here = new Set(row.objects);
  const items = lesson.items.filter((item) => here.has(item.sha256));
  const of = (/** @type {string} */ kind) => items.filter((item) => item.kind === kind);
  const source = (/** @type {import('../offline/manifest.js').Item} */ item) => ({
    name: item.profile, url: objectUrl(item.sha256, essence(item.mime)), mime: item.mime, length: item.length,
    index_url: item.index ? objectUrl(item.index, 'application/json') : null,
  });
  const [poster] = of('poster');
  const [deck] = of('deck');
  const languages = [...new Set(of('audio').map((item) => item.language))];
  return {
    material: lesson.material,
    revision: lesson.revision,
    title: lesson.title,
    here: true,
    minutes: lesson.minutes,
    duration_s: Math.max(0, ...items.map((item) => item.duration_ms ?? 0)) / 1000 || null,
    poster: poster ? objectUrl(poster.sha256, poster.mime) : null,
    muxed: null,
    deck: deck?.index ? source(deck) : null,
    video: of('video').map((item) => ({ ...source(item), height: Number(/(\d+)$/.exec(item.profile)?.[1] ?? 0) })),
    audio: languages.map((language) => {
      const tracks = of('audio').filter((item) => item.language === language);
      return { language, label: tracks[0].label, placeholder: tracks[0].placeholder, sources: tracks.map(source) };
    }),
    subtitles: of('subtitle').map((item) => ({
      language: item.language, label: item.label, url: objectUrl(item.sha256, 'text/vtt'),
    })),
    start_s: 0,
  };
}

/** @param {string} mime */
const essence = (mime) => mime.split(';')[0];
