import init from 'pixy-login-glue';
import { askAhead } from '../../../src/browser/ahead.js';

askAhead(JSON.parse(document.getElementById('pixy-settings').textContent).issuer);
init();
