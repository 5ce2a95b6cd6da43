// A program that uses the generated types. It is type-checked, not executed.

import type { ApolloClient } from '@apollo/client';

import {
  DelegationsDocument,
  type DelegationsQuery,
  ObjectByIdDocument,
  OfficeHoldersDocument,
} from './generated/types/graphql';
import type { Query } from './generated/types/schema';

export async function seats(client: ApolloClient): Promise<Map<string, number | null>> {
  const { data } = await client.query({
    query: DelegationsDocument,
    variables: { asOf: '2022-12-05', filter: { totalSeats: { gt: 10 } }, first: 10 },
  });
  type Connection = NonNullable<DelegationsQuery['delegations']>;
  const edges: Connection['edges'] = data?.delegations?.edges ?? [];
  return new Map(edges.map(({ node }) => [node.parliament.state?.code ?? '', node.totalSeats]));
}

export async function invalidVariables(client: ApolloClient): Promise<void> {
  // @ts-expect-error: asOf is required
  await client.query({ query: OfficeHoldersDocument, variables: { assembly: 'csto-pa' } });
  await client.query({
    query: DelegationsDocument,
    // @ts-expect-error: gt must be a number
    variables: { filter: { totalSeats: { gt: 'ten' } } },
  });
}

export async function title(client: ApolloClient, id: string): Promise<string | undefined> {
  const { data } = await client.query({ query: ObjectByIdDocument, variables: { id } });
  const node = data?.node;
  switch (node?.__typename) {
    case 'Chamber':
      return `${node.name} (${node.house})`;
    case 'Member':
      return node.name;
    default:
      return undefined;
  }
}

export type AssemblyName = NonNullable<Query['assembly']>['name'];
