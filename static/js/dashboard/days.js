/** Days of the reader's calendar, as `<input type="date">` has them: 2026-11-21. */

/** The begin of a day, as an instant. @param {string} day @param {number} [later] days */
export function startOf(day, later = 0) {
  const [year, month, date] = day.split('-').map(Number);
  return new Date(year, month - 1, date + later).toISOString();
}

/** The end of a day, as an instant. @param {string} day @returns {string | null} */
export function endOf(day) {
  const end = new Date(`${day}T23:59:59`);
  return Number.isNaN(end.getTime()) ? null : end.toISOString();
}

/** The day of an instant. @param {Date} date */
export function dayOf(date) {
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, '0')).join('-');
}
