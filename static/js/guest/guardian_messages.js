/** What a guardian reads; loaded where a session asks for one. */
import { addMessages } from '../common/i18n.js';

addMessages({
  ru: {
    'guardian.note': 'Детей в этой съёмке селфи находит только с согласия родителя или опекуна.',
    'guardian.open': 'Я ищу ребёнка',
    'guardian.title': 'Согласие родителя или опекуна',
    'guardian.yes': 'Я родитель или опекун и согласен',
  },
  en: {
    'guardian.note': 'In this shoot a selfie finds children only after a parent or guardian has agreed.',
    'guardian.open': 'I am looking for a child',
    'guardian.title': 'A parent’s or guardian’s consent',
    'guardian.yes': 'I am a parent or guardian, and I agree',
  },
});
