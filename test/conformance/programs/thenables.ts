/** A program that gives thenables where promises are expected, and shows what becomes of them. Written for dates before RPC. */
export const thenables = `
const thenable = (value, say) => ({ then(done) { say?.('asked'); done(value) } });

export class Obj {
  constructor(state) {
    this.state = state;
    this.said = [];
    this.say = (text) => this.said.push(text);
  }
  async fetch(request) {
    const { pathname } = new URL(request.url);
    switch (pathname) {
      case '/section':
        this.say('gives ' + (await this.state.blockConcurrencyWhile(() => thenable('inner', this.say))));
        break;
      case '/transaction':
        this.say('gives ' + (await this.state.storage.transaction(() => thenable('inner', this.say))));
        break;
      case '/wait-until':
        this.state.waitUntil(thenable(0, this.say));
        await new Promise((resolve) => setTimeout(resolve, 10));
        break;
      case '/alarm':
        await this.state.storage.setAlarm(Date.now());
        break;
    }
    return new Response(this.said.splice(0).join(', '));
  }
  alarm() {
    this.say('alarm');
    return thenable(0, this.say);
  }
}

export class Answers {
  fetch(request) {
    switch (new URL(request.url).pathname) {
      case '/text': return thenable('text');
      case '/never': return { then() {} };
      case '/own': return Object.assign(new Response('own'), { then: (done) => done(new Response('other')) });
      default: return thenable(new Response('inner'));
    }
  }
}

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    const [, name, what] = pathname.split('/');
    const stub = env[name].get(env[name].idFromName('one'));
    const late = new Promise((resolve) => setTimeout(() => resolve('nothing in time'), 500));
    try {
      return new Response(await Promise.race([late, stub.fetch('https://x/' + what).then((answer) => answer.text())]));
    } catch (error) {
      return new Response(error.name + ': ' + error.message);
    }
  },
  scheduled() {
    return thenable(0, () => console.log('asked'));
  },
};
`;

export const thenablesConfig = (date: string) => ({
  compatibility_date: date,
  durable_objects: {
    bindings: [
      { name: 'OBJ', class_name: 'Obj' },
      { name: 'ANSWERS', class_name: 'Answers' },
    ],
  },
  migrations: [{ tag: 'v1', new_classes: ['Obj', 'Answers'] }],
});

export const THENABLE_PATHS = [
  '/OBJ/section',
  '/OBJ/transaction',
  '/OBJ/wait-until',
  '/ANSWERS/response',
  '/ANSWERS/text',
  '/ANSWERS/own',
  '/ANSWERS/never',
] as const;
