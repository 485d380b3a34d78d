/**
 * The small picture over the seek bar: what there is to see where a pointer or a key is about to go. A picture for the
 * eyes alone: a screen reader hears the time. Nothing is fetched before somebody first looks, and nothing at all where
 * bytes are saved or the lesson lies on the phone.
 */
import { isSaving } from './cost.js';
import { readTiles, secondAt, tileAt } from './peek-tiles.js';
import { clock } from './strings.js';
import { h } from './view.js';

async function load(sprite) {
  const answer = await fetch(sprite.index_url);
  if (!answer.ok) throw new TypeError(`HTTP ${answer.status}`);
  return readTiles(await answer.text());
}

/** Show the picture from now on, where the lesson has one. */
export function followSeekBar(player) {
  const { data, view } = player;
  if (!data.sprite || data.here || isSaving()) return;
  const range = view.range;
  const image = h('span', { class: 'player__peek-picture' });
  const time = h('span', {});
  const box = h('div', { class: 'player__peek', hidden: true, 'aria-hidden': 'true' }, image, time);
  range.parentElement.append(box);
  let tiles = null;
  let asked = false;

  const ask = () => {
    asked = true;
    load(data.sprite).then((found) => { tiles = found; }, () => { asked = false; });
  };
  const show = (second) => {
    if (!asked) ask();
    const tile = tiles && tileAt(tiles, second);
    box.hidden = !tile;
    if (!tile) return;
    image.style.cssText = `width:${tile.width}px;height:${tile.height}px`;
    image.style.backgroundImage = `url("${data.sprite.url}")`;
    image.style.backgroundPosition = `${-tile.x}px ${-tile.y}px`;
    time.textContent = clock(second);
    const room = range.parentElement.clientWidth - box.offsetWidth;
    const middle = range.offsetLeft + (range.offsetWidth * second) / Math.max(1, view.length) - box.offsetWidth / 2;
    box.style.left = `${Math.max(0, Math.min(room, middle))}px`;
  };
  const hide = () => { box.hidden = true; };

  range.addEventListener('pointermove', (event) => {
    if (event.pointerType !== 'touch' && !event.buttons) show(secondAt(event.clientX, range.getBoundingClientRect(), view.length));
  });
  range.addEventListener('input', () => show(+range.value));
  for (const name of ['pointerleave', 'pointerup', 'pointercancel', 'blur']) range.addEventListener(name, hide);
  range.addEventListener('keyup', () => setTimeout(hide, 1200));
}
