/**
 * Runs modules in a node of their own and tells what they said.
 *
 * Promise: a compiled script is loaded as a tab must load it: each module gets its name only when everything that it
 * imports statically has one, so an order that blob URLs could not be made in fails here too.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { CompiledScript } from '../../src/protocol/deployment.ts';

export interface Program {
  /** absolute URL of the entry */
  entry: string;
  /** expression over `ns`, the entry's namespace; its JSON is the last line of the transcript */
  ask?: string;
}

export interface Bench {
  folder: string;
  dispose(): Promise<void>;
}

export async function openBench(): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'modules-'));
  return { folder, dispose: () => rm(folder, { recursive: true, force: true }) };
}

/** Writes the files as they are, for node's own loader. */
export async function writeNative(folder: string, files: Record<string, string>, main: string): Promise<string> {
  await write(join(folder, 'package.json'), '{"type":"module"}');
  for (const [path, text] of Object.entries(files)) await write(join(folder, path), text);
  return pathToFileURL(join(folder, main)).href;
}

/** Writes a compiled script as numbered files. `externals` gives the text of the runtime modules. */
export async function writeCompiled(
  folder: string,
  script: CompiledScript,
  externals: Record<string, string> = {},
): Promise<string> {
  const urls = new Map<string, string>();
  const place = (index: number) => join(folder, `${index}.mjs`);
  const all = new Map(script.modules.map((module, index) => [module.path, pathToFileURL(place(index)).href]));
  const external = async (name: string) => {
    const text = externals[name];
    if (text === undefined) return name;
    const file = join(folder, `${name.replace(/\W/g, '-')}.mjs`);
    await write(file, text);
    return pathToFileURL(file).href;
  };
  for (const [index, module] of script.modules.entries()) {
    let code = '';
    if (module.kind === 'esm') {
      let at = 0;
      for (const one of module.imports.toSorted((a, b) => a.start - b.start)) {
        // These stay as they are: the runtime's own business.
        if ('computed' in one.to || 'meta' in one.to) continue;
        const known =
          'module' in one.to ? (one.dynamic ? all : urls).get(one.to.module) : await external(one.to.external);
        if (known === undefined) throw new Error(`${module.path} comes before ${JSON.stringify(one.to)}`);
        if (!/^(["'`]).*\1$/.test(module.code.slice(one.start, one.end)))
          throw new Error(`no literal in ${module.path}`);
        code += module.code.slice(at, one.start) + JSON.stringify(known);
        at = one.end;
      }
      code += module.code.slice(at);
    } else if ('text' in module) {
      code = `export default ${module.kind === 'json' ? `JSON.parse(${JSON.stringify(module.text)})` : JSON.stringify(module.text)};`;
    } else {
      const bytes = `new Uint8Array([${new Uint8Array(module.bytes)}]).buffer`;
      code = `export default ${module.kind === 'wasm' ? `new WebAssembly.Module(${bytes})` : bytes};`;
    }
    await write(place(index), code);
    urls.set(module.path, pathToFileURL(place(index)).href);
  }
  return urls.get(script.main) as string;
}

const RUNNER = `
const programs = JSON.parse(process.argv[2]);
const transcripts = [];
for (const { entry, ask } of programs) {
  const lines = [];
  globalThis.say = (...values) => lines.push(values.map((one) => typeof one === 'string' ? one : typeof one === 'function' ? 'function ' + one.name : JSON.stringify(one) ?? String(one)).join(' '));
  try {
    const ns = await import(entry);
    if (ask) globalThis.say(await new Function('ns', 'return (async () => (' + ask + '))()')(ns));
  } catch (error) {
    lines.push('thrown ' + (error instanceof Error ? error.name + ': ' + error.message : String(error)));
  }
  transcripts.push(lines);
}
console.log(JSON.stringify(transcripts));
`;

/** Runs each program, in one process, and gives what it passed to the global `say` (of a function only the name), then what it threw. */
export async function runPrograms(folder: string, programs: readonly Program[]): Promise<string[][]> {
  const runner = join(folder, 'runner.mjs');
  await write(runner, RUNNER);
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, [runner, JSON.stringify(programs)], { maxBuffer: 2 ** 26 });
  return JSON.parse(stdout) as string[][];
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}
