// Composes the services' schemas into the supergraph the router reads, and writes the two schemas
// that have to be equal: what a client of the router sees and what a client of one process sees.
//
// usage: node compose.mjs FOLDER NAME=URL...
// reads  FOLDER/embedded.graphql and FOLDER/NAME.graphql of each service
// writes FOLDER/supergraph.graphql, FOLDER/public.sorted.graphql, FOLDER/embedded.sorted.graphql

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { composeServices, transformSupergraphToPublicSchema } from '@theguild/federation-composition';
import { buildSchema, lexicographicSortSchema, parse, print, printSchema } from 'graphql';

const [folder, ...services] = process.argv.slice(2);
const read = (name) => readFileSync(join(folder, `${name}.graphql`), 'utf8');
const write = (name, text) => writeFileSync(join(folder, `${name}.graphql`), `${text.trimEnd()}\n`);

// Two schemas that say the same in another order are the same contract.
const sorted = (sdl) => printSchema(lexicographicSortSchema(buildSchema(sdl, { assumeValidSDL: true })));

const subgraphs = services.map((service) => {
  const [name, url] = service.split(/=(.*)/s);
  return { name, url, typeDefs: parse(read(name)) };
});
const { supergraphSdl, errors } = composeServices(subgraphs);
if (!supergraphSdl) {
  for (const error of errors) console.error(`  ${error.message}`);
  process.exit(1);
}

write('supergraph', supergraphSdl);
write('public.sorted', sorted(print(transformSupergraphToPublicSchema(parse(supergraphSdl)))));
write('embedded.sorted', sorted(read('embedded')));
