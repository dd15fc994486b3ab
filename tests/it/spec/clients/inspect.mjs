// Says how the schema that a server describes differs from schema.graphql (graphql-inspector): one change a line.
import { readFileSync } from 'node:fs';
import { diff } from '@graphql-inspector/core';
import { buildClientSchema, buildSchema, getIntrospectionQuery } from 'graphql';

const response = await fetch(`${process.env.HUBNET_URL}/graphql`, {
  method: 'POST',
  headers: { 'content-type': 'application/json', authorization: `Bearer ${process.env.HUBNET_TOKEN}` },
  body: JSON.stringify({ query: getIntrospectionQuery() }),
});
const { data, errors } = await response.json();
if (errors) throw new Error(JSON.stringify(errors));
const changes = await diff(buildSchema(readFileSync('schema.graphql', 'utf8')), buildClientSchema(data));
for (const { message } of changes) console.log(message);
