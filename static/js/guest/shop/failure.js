/** The shop's messages about failures. */
import { ApiError } from '../api.js';

/** The message to the guest about a failure. @param {unknown} error @returns {import('../../common/i18n.js').Text | string} */
export function said(error) {
  if (!(error instanceof ApiError)) throw error;
  if (error.code === 'network' || error.code === 'timeout') return ['cart.network'];
  return error.detail || ['cart.failed'];
}
