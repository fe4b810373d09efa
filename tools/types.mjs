/**
 * Writes the declarations of the library's public names.
 *
 * Promise: what is written is what `index.d.ts` reaches and no more, and every import in it ends in `.js`, as the module
 * resolutions of Node and of bundlers both want.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { root } from './run.mjs';

const ENTRY = 'index.d.ts';

/** @returns how many files were written @throws Error with the compiler's words when the sources do not compile */
export function writeDeclarations(folder) {
  const source = path.join(root, 'src');
  const config = path.join(source, 'tsconfig.page.json');
  const { options } = ts.parseJsonConfigFileContent(ts.readConfigFile(config, ts.sys.readFile).config, ts.sys, source);
  const program = ts.createProgram({
    rootNames: [path.join(source, 'index.ts')],
    options: { ...options, noEmit: false, declaration: true, emitDeclarationOnly: true, rootDir: source, outDir: '/' },
  });
  const texts = new Map();
  const { diagnostics, emitSkipped } = program.emit(undefined, (file, text) => texts.set(file.slice(1), text));
  if (emitSkipped || diagnostics.length > 0) throw new Error(ts.formatDiagnostics(diagnostics, formatHost));

  rmSync(folder, { recursive: true, force: true });
  const reached = new Set([ENTRY]);
  for (const file of reached) {
    const text = texts.get(file);
    if (text === undefined) throw new Error(`A declaration imports ${file}, which was not written.`);
    const imports = relativeImports(text);
    for (const { name } of imports)
      reached.add(path.posix.join(path.posix.dirname(file), name.replace(/\.ts$/, '.d.ts')));
    const target = path.join(folder, file);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, withJsEndings(text, imports));
  }
  return reached.size;
}

const formatHost = {
  getCanonicalFileName: (file) => file,
  getCurrentDirectory: () => root,
  getNewLine: () => '\n',
};

/** `from './x.ts'` and `import('./x.ts')`: name, and where it stands in the text. */
function relativeImports(text) {
  return ts
    .preProcessFile(text, true, true)
    .importedFiles.filter(({ fileName }) => fileName.startsWith('.'))
    .map(({ fileName, pos }) => ({ name: fileName, at: text.indexOf(fileName, pos) }));
}

function withJsEndings(text, imports) {
  let written = '';
  let from = 0;
  for (const { name, at } of [...imports].sort((one, other) => one.at - other.at)) {
    written += text.slice(from, at) + name.replace(/\.ts$/, '.js');
    from = at + name.length;
  }
  return written + text.slice(from);
}
