/** A reporter for vitest: writes down what was thrown outside of every test, which its JSON report does not tell. */
import { writeFileSync } from 'node:fs';

export default class OutsideErrors {
  onTestRunEnd(_modules, errors) {
    const file = process.env.DURABOX_OUTSIDE_ERRORS;
    if (file) writeFileSync(file, JSON.stringify(errors.map((error) => String(error.stack ?? error.message))));
  }
}
