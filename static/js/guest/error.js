/** The page served in place of a session that cannot be shown. */
import { errorView } from './error_view.js';
import './messages.js';
import { frame } from '../common/frame.js';

const { code = 'internal', status } = document.documentElement.dataset;
frame().main.append(errorView(code, Number(status)).element);
