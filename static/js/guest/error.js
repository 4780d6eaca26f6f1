/** The page served in place of a session that cannot be shown. */
import { errorView } from './error_view.js';
import './messages.js';
import { frame } from '../common/frame.js';

frame().main.append(errorView(document.documentElement.dataset.code ?? 'internal').element);
