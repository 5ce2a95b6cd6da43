// Queries and fragments of a Relay component. They are compiled, not executed.

import { graphql } from 'relay-runtime';

export const query = graphql`
  query DelegationsOfAssemblyQuery($slug: String!, $asOf: Date) {
    assembly(slug: $slug, asOf: $asOf) {
      ...Delegations_assembly
    }
  }
`;

export const list = graphql`
  fragment Delegations_assembly on Assembly
  @argumentDefinitions(count: { type: "Int", defaultValue: 2 }, cursor: { type: "String" })
  @refetchable(queryName: "DelegationsPageQuery") {
    name
    delegations(first: $count, after: $cursor, orderBy: [{ field: NAME }])
      @connection(key: "Delegations_delegations") {
      edges {
        node {
          ...Delegations_organization
          totalSeats
        }
      }
    }
  }
`;

export const organization = graphql`
  fragment Delegations_organization on Organization
  @refetchable(queryName: "DelegationsOrganizationQuery") {
    slug
    name
  }
`;
