/** The lock screen and headset buttons. */

/** @param {import('./lesson-player.js').LessonPlayer} player */
export function tellLockScreen(player) {
  const session = navigator.mediaSession;
  if (!session || typeof MediaMetadata !== 'function') return;
  session.metadata = new MediaMetadata({ title: player.data.title, artist: player.t('高原先锋课堂') });
  const on = (name, run) => session.setActionHandler(name, () => player.deck && run());
  on('play', () => player.deck.play());
  on('pause', () => player.deck.pause());
  on('seekbackward', () => player.seek(player.deck.position - 10));
  on('seekforward', () => player.seek(player.deck.position + 30));
}
