// Composes the services' subgraphs with both composers; says what either of them refuses: one error a line.
import { readFileSync } from 'node:fs';
import { composeServices as apollo } from '@apollo/composition';
import { composeServices as theguild } from '@theguild/federation-composition';
import { parse } from 'graphql';

const services = process.argv.slice(2).map((name) => ({
  name,
  url: `http://${name}.example/graphql`,
  typeDefs: parse(readFileSync(`${name}.graphql`, 'utf8')),
}));
for (const [name, { errors, supergraphSdl }] of [['apollo', apollo(services)], ['theguild', theguild(services)]]) {
  for (const error of errors ?? []) console.log(`${name}: ${error.message}`);
  if (!supergraphSdl) console.log(`${name}: no supergraph`);
}
