/** Words of the dialog that shows a secret once. */
import { addMessages } from '../../common/i18n.js';

addMessages({
  ru: {
    'once.copy': 'Копировать',
    'once.copied': 'Скопировано',
    'once.copy.failed': 'Не удалось скопировать. Выделите текст и скопируйте вручную.',
    'once.done': 'Готово',
  },
  en: {
    'once.copy': 'Copy',
    'once.copied': 'Copied',
    'once.copy.failed': 'Could not copy. Select the text and copy it by hand.',
    'once.done': 'Done',
  },
});
