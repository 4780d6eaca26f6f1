/** The words of every page's frame, in Russian and English. */

/** @type {import('./i18n.js').Messages} */
export const messages = {
  ru: {
    skip: 'Перейти к содержанию',
    language: 'Язык',
    'language.ru': 'RU, русский',
    'language.en': 'EN, English',
    close: 'Закрыть',
    retry: 'Попробовать снова',
    undo: 'Отменить',
    'field.optional': 'необязательно',
  },
  en: {
    skip: 'Skip to content',
    language: 'Language',
    'language.ru': 'RU, русский',
    'language.en': 'EN, English',
    close: 'Close',
    retry: 'Try again',
    undo: 'Undo',
    'field.optional': 'optional',
  },
};
