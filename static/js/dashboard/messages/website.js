/** Words about the studio's own web site. */
import { addMessages } from '../../common/i18n.js';

addMessages({
  ru: {
    'website.title': 'Сайт студии',
    'website.lead': 'Поиск можно показать на своём сайте, а найденный снимок — открывать на своей странице или в своей корзине.',
    'website.leads': 'Куда ведёт найденный снимок',
    'website.leads.hint':
      'Адрес с https://. Вместо {session_id}, {photo_id} и {external_id} встанут съёмка, снимок и его номер в вашей программе. Пусто — снимок открывается здесь.',
    'website.origins': 'Страницы, на которых может стоять поиск',
    'website.origins.hint': 'По одному сайту в строке, например https://studio.example. Другие сайты показать поиск не смогут.',
    'website.saved': 'Сайт сохранён',
    'website.code.title': 'Поиск на своём сайте',
    'website.code.text': 'Вставьте эти две строки на страницу сайта, который назван в настройках студии.',
    'website.code.label': 'Код для страницы',
    'website.code.copy': 'Скопировать код',
    'website.code.copied': 'Код скопирован',
    'website.code.copy_failed': 'Не получилось скопировать. Выделите код и скопируйте его сами.',
  },
  en: {
    'website.title': 'Web site',
    'website.lead': 'The search can stand on your own site, and a found photo can open your own page of it, or your cart.',
    'website.leads': 'Where a found photo leads',
    'website.leads.hint':
      'An https:// address. {session_id}, {photo_id} and {external_id} become the session, the photo and its id in your program. Empty: the photo opens here.',
    'website.origins': 'Sites that may show the search',
    'website.origins.hint': 'One in each line, for example https://studio.example. No other site can show it.',
    'website.saved': 'Web site saved',
    'website.code.title': 'The search on your own site',
    'website.code.text': 'Put these two lines into a page of a site that is named in the settings of the studio.',
    'website.code.label': 'Code for the page',
    'website.code.copy': 'Copy code',
    'website.code.copied': 'Code copied',
    'website.code.copy_failed': 'Could not copy. Select the code and copy it yourself.',
  },
});
