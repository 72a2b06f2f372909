import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import adapter from '@sveltejs/adapter-node'
import { sveltekit } from '@sveltejs/kit/vite'
import { defineConfig, type Plugin } from 'vite'

/** Hash of the one script that stands in app.html itself: it must run before the first paint. */
function schemeScriptHash(): `sha256-${string}` {
  const page = readFileSync(new URL('./src/app.html', import.meta.url), 'utf8')
  const script = /<script>(.*?)<\/script>/s.exec(page)?.[1]
  if (script === undefined) throw new Error('src/app.html has lost its script.')
  return `sha256-${createHash('sha256').update(script).digest('base64')}`
}

/**
 * Two things that Kit does for each page and nobody uses here take a sixth of what a page costs: it writes down the data of
 * pages that send no script, and hashes the text for a validator that server/http.ts makes anyway. Fails the build when a new
 * version of Kit has other words there.
 */
function lighterPages(): Plugin {
  const changes = [
    {
      file: '@sveltejs/kit/src/runtime/server/page/index.js',
      from: '{\n\t\t\t\t\t\tdata_serializer.add_node(i, server_data);',
      to: '{\n\t\t\t\t\t\tif (csr) data_serializer.add_node(i, server_data);',
    },
    {
      // A page without script has none when it fails either: nobody wrote down what it would begin with.
      file: '@sveltejs/kit/src/runtime/server/page/index.js',
      from: 'csr: nodes.csr()',
      to: 'csr: csr && nodes.csr()',
    },
    {
      file: '@sveltejs/kit/src/runtime/server/page/render.js',
      from: 'headers.set(\'etag\', `"${hash(transformed)}"`);',
      to: '',
    },
  ]
  return {
    name: 'lighter-pages',
    transform: {
      filter: { id: changes.map(({ file }) => `**/${file}`) },
      handler(code, id) {
        let changed = code
        for (const { file, from, to } of changes) {
          if (!id.endsWith(file)) continue
          if (code.split(from).length !== 2)
            throw new Error(`${id} has changed: see lighterPages in vite.config.ts.`)
          changed = changed.replace(from, to)
        }
        return { code: changed, map: null }
      },
    },
  }
}

/**
 * Every page that runs script learns the names of all pages' files, and packing cannot make the hash in a name smaller: in hexadecimal letters the
 * eight of it tell one build's file from another's as well, and are two thirds as heavy.
 */
function lighterNames(): Plugin {
  return {
    name: 'lighter-names',
    outputOptions: (options) => ({ ...options, hashCharacters: 'hex' }),
  }
}

export default defineConfig({
  plugins: [
    lighterPages(),
    lighterNames(),
    sveltekit({
      adapter: adapter({ out: 'build' }),
      // Hashes instead of nonces: a page may then be kept and served again byte for byte.
      csp: {
        mode: 'hash',
        directives: {
          'default-src': ['self'],
          'script-src': ['self', schemeScriptHash()],
          'style-src': ['self', 'unsafe-inline'],
          'img-src': ['self', 'data:'],
          'font-src': ['self'],
          'connect-src': ['self'],
          'object-src': ['none'],
          'base-uri': ['none'],
          'frame-ancestors': ['none'],
        },
      },
      output: { linkHeaderPreload: false },
      // The styles of small parts travel in the page: 7 requests for a first visit instead of 18.
      inlineStyleThreshold: 4096,
    }),
  ],
  css: {
    lightningcss: {
      // Features.LightDark: light-dark() stays as it is. Rewritten into variables of :root it takes its side there once and for
      // all, and no corner of a page could have a scheme of its own. Older browsers have the plain colours (palette-css.ts).
      exclude: 1 << 20,
    },
  },
  build: { target: 'es2022' },
  server: { fs: { allow: ['.'] } },
})
