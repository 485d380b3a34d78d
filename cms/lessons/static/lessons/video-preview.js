/* All rungs of a recording, kept in step by one control. */
(() => {
  'use strict';

  const FAR_S = 0.12;
  const EVERY_MS = 250;
  const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;

  class RungPreview extends HTMLElement {
    connectedCallback() {
      if (this.videos) return;
      this.videos = [...this.querySelectorAll('video')];
      this.sounds = [...this.querySelectorAll('audio')];
      this.slides = [...this.querySelectorAll('.preview__slides img')];
      const control = this.querySelector('.preview__control');
      [this.button, this.seek, this.time, this.choice] = ['button', '.preview__seek', '.preview__time', 'select']
        .map((what) => control.querySelector(what));
      this.all = [...this.videos, ...this.sounds];
      if (!this.all.length) return;
      this.leader = this.videos[0] ?? this.sounds[0];
      control.hidden = false;
      this.classList.add('is-driven');
      this.videos.forEach((video) => { video.controls = false; });
      this.playing = false;
      this.button.addEventListener('click', () => this.toggle());
      this.seek.addEventListener('input', () => this.goTo(Number(this.seek.value)));
      this.choice.addEventListener('change', () => this.listen());
      this.leader.addEventListener('ended', () => this.stop());
      this.timer = setInterval(() => this.keepInStep(), EVERY_MS);
      this.listen();
      this.show(0);
    }

    disconnectedCallback() { clearInterval(this.timer); }

    /* Only the chosen sound is heard; the pictures are silent or muted. */
    listen() {
      this.sounds.forEach((sound) => { sound.muted = sound.closest('[data-rung]').dataset.rung !== this.choice.value; });
    }

    toggle() { if (this.playing) this.stop(); else this.start(); }

    start() {
      this.playing = true;
      this.button.textContent = this.button.dataset.pause;
      this.align(this.leader.currentTime);
      this.all.forEach((media) => media.play().catch(() => {}));
    }

    stop() {
      this.playing = false;
      this.button.textContent = this.button.dataset.play;
      this.all.forEach((media) => media.pause());
      this.align(this.leader.currentTime);
    }

    goTo(seconds) {
      this.all.forEach((media) => { media.currentTime = Math.min(seconds, media.duration || seconds); });
      this.show(seconds);
    }

    align(seconds) {
      this.all.forEach((media) => {
        if (media !== this.leader && Math.abs(media.currentTime - seconds) > 0.02) media.currentTime = seconds;
      });
    }

    /* One that has run away waits or jumps; while one still loads the others wait for it. */
    keepInStep() {
      const now = this.leader.currentTime;
      if (this.playing) {
        const late = this.all.some((media) => !media.ended && media.readyState < HTMLMediaElement.HAVE_FUTURE_DATA);
        this.all.forEach((media) => {
          if (media === this.leader || media.ended || media.seeking) return;
          const drift = media.currentTime - now;
          if (Math.abs(drift) > FAR_S && !late) media.currentTime = now;
          if (media.paused && !late) media.play().catch(() => {});
        });
        if (late && !this.leader.paused && this.all.some((media) => media !== this.leader && media.readyState < 3)) {
          this.leader.pause();
          this.waits = true;
        } else if (!late && this.waits) {
          this.waits = false;
          this.align(now);
          this.leader.play().catch(() => {});
        }
      }
      this.show(now);
    }

    show(seconds) {
      const whole = this.leader.duration || Number(this.dataset.duration);
      this.time.textContent = `${clock(seconds)} / ${clock(whole)}`;
      if (document.activeElement !== this.seek || this.playing) this.seek.value = seconds;
      const now = this.slides.filter((slide) => Number(slide.dataset.start) <= seconds + 0.05).at(-1) ?? this.slides[0];
      this.slides.forEach((slide) => slide.classList.toggle('is-now', slide === now));
    }
  }

  customElements.define('rung-preview', RungPreview);
})();
