/** A dialog over a page of a phone, or over a photo in the viewer: the back button closes it, and leaves what is under it alone. */

/** @param {HTMLDialogElement} dialog */
export function showSheet(dialog) {
  // The viewer takes the keys and the focus for itself.
  const viewer = document.querySelector('.pswp');
  if (viewer) dialog.addEventListener('keydown', (event) => event.stopPropagation());
  (viewer ?? document.body).append(dialog);
  dialog.showModal();
  history.pushState({ ...history.state, sheet: true }, '');
  let byBack = false;
  const onBack = () => {
    byBack = true;
    dialog.close();
  };
  addEventListener('popstate', onBack, { once: true });
  dialog.addEventListener('close', () => {
    removeEventListener('popstate', onBack);
    // A button in the dialog may have opened another view over its entry.
    if (!byBack && history.state?.sheet) history.back();
  });
}
