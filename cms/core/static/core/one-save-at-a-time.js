/* Enter in a field decides nothing: the page's first button may be the one that hands in for review.
   And a person's save waits for an autosave that is under way: two at once would make the same new page twice. */
(() => {
  'use strict';
  const SETTLE_MS = 300; // the editor turns its "create" form into an "edit" form in this time
  let saving = false;
  let submitted = false;
  let held = null;

  document.addEventListener('keydown', (event) => {
    const isField = event.target.matches?.('[data-edit-form] input:not([type=submit], [type=button], [type=file])');
    if (event.key === 'Enter' && isField) event.preventDefault();
  });

  document.addEventListener('w-autosave:save', (event) => {
    // The page is about to be replaced by the answer to the person's own save.
    if (submitted) event.preventDefault();
    else saving = true;
  });

  const settle = () => {
    setTimeout(() => {
      saving = false;
      if (!held) return;
      const { form, submitter } = held;
      held = null;
      if (submitter) submitter.disabled = false;
      form.requestSubmit(submitter);
    }, SETTLE_MS);
  };
  document.addEventListener('w-autosave:success', settle);
  document.addEventListener('w-autosave:error', settle);

  document.addEventListener('submit', (event) => {
    if (!event.target.matches('[data-edit-form]')) return;
    submitted = true;
    if (!saving) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    held = { form: event.target, submitter: event.submitter };
  }, true);
})();
