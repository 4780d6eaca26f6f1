/** What the shop tells the guest of a failure. */
import { ApiError } from '../api.js';

/** What to tell the guest of a failure. @param {unknown} error @returns {import('../../common/i18n.js').Text | string} */
export function said(error) {
  if (!(error instanceof ApiError)) throw error;
  if (error.code === 'network' || error.code === 'timeout') return ['cart.network'];
  return error.detail || ['cart.failed'];
}
