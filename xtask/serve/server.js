// `node server.js FOLDER PORT`: serves the demo on this machine, and tells its pages when it was built anew. It
// prints a line of JSON when it is ready, hears of each build by a line, and ends with its input. With `--as-host` it
// serves as a host does: brotli where there is a compressed copy, and only pages are asked for again.
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import sirv from 'sirv';

const HOST = '127.0.0.1';

const [folder, port, mode] = process.argv.slice(2);
const pages = new Set();
// Differs from that of a server that ran here before, whose pages may still be open.
let build = Date.now();

const AS_HOST = { brotli: true, setHeaders: keepAllButPages };

const serve = [
  sirv(folder, { dev: true, etag: true, ...(mode === '--as-host' ? AS_HOST : {}) }),
  sirv(fileURLToPath(new URL('pages', import.meta.url)), { dev: true, etag: true }),
];

const server = createServer((request, response) => {
  if (request.url === '/_builds') {
    tellBuilds(response);
    return;
  }
  const notFound = () => response.writeHead(404).end();
  serve[0](request, response, () => serve[1](request, response, notFound));
});

function keepAllButPages(response, path) {
  const isPage = path.endsWith('/') || path.endsWith('.html');
  response.setHeader('Cache-Control', isPage ? 'no-cache' : 'public, max-age=31536000, immutable');
}

function tellBuilds(response) {
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  response.write(`data: ${build}\n\n`);
  pages.add(response);
  response.on('close', () => pages.delete(response));
}

server.on('error', (error) => {
  console.error(error.message);
  process.exit(1);
});

server.listen(Number(port), HOST, () => {
  console.log(JSON.stringify({ url: `http://localhost:${server.address().port}` }));
});

createInterface({ input: process.stdin })
  .on('line', () => {
    build = Date.now();
    for (const page of pages) page.write(`data: ${build}\n\n`);
  })
  .on('close', () => process.exit());
