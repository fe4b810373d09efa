/** Bundles for browsers, into memory: what every file of ours is built with, whatever it is made of. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin, type Rolldown } from 'vite';

const root = path.resolve(fileURLToPath(new URL('..', import.meta.url)));

export interface ChunkOptions {
  readonly minify: boolean;
  readonly plugins?: Plugin[];
  readonly rolldown: Rolldown.RolldownOptions;
}

/** The scripts that come out, without assets. */
export async function buildChunks({ minify, plugins = [], rolldown }: ChunkOptions): Promise<Rolldown.OutputChunk[]> {
  const output = (await build({
    root,
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    plugins,
    build: {
      write: false,
      minify,
      target: 'es2022',
      modulePreload: false,
      reportCompressedSize: false,
      // A browser keeps a script at one byte a character, unless a single one needs two: then all of them.
      // Comments are a third of what is not minified, and every worker that starts would read them.
      rolldownOptions: {
        ...rolldown,
        output: { charset: 'ascii', ...(minify ? {} : { comments: false }), ...rolldown.output },
      },
    },
  })) as Rolldown.RolldownOutput | Rolldown.RolldownOutput[];
  const files = (Array.isArray(output) ? output : [output]).flatMap((one) => one.output);
  return files.filter((one) => one.type === 'chunk');
}
