import { CHOSEN_AUDIENCE, field, HTTPS_URL, WORKLOAD_ROLE } from '../fields.js';
import type { IssuerPreset } from '../issuer-preset.js';

export const KUBERNETES: IssuerPreset = {
  id: 'kubernetes',
  name: 'Kubernetes service accounts',
  summary: 'Pods of one namespace of a cluster, by their projected service account tokens.',
  guide: 'docs/issuers/kubernetes.md',
  fields: [
    field({
      name: 'issuer',
      label: 'Issuer of the cluster',
      description: 'kubectl get --raw /.well-known/openid-configuration shows it as issuer.',
      example: 'https://kubernetes.default.svc.cluster.local',
      pattern: HTTPS_URL,
    }),
    { ...CHOSEN_AUDIENCE, example: 'https://tenantry.acme.example/prod-eu' },
    field({
      name: 'namespace',
      label: 'Namespace',
      description: 'The namespace whose service accounts come in.',
      example: 'prod',
      pattern: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$',
    }),
    WORKLOAD_ROLE,
    field({
      name: 'jwks',
      label: 'Key set of the cluster',
      description:
        'What kubectl get --raw /openid/v1/jwks prints. Left blank: the keys are looked up at the issuer, which must then be public.',
      example:
        '{"keys":[{"kty":"EC","crv":"P-256","use":"sig","alg":"ES256","kid":"cluster-1","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}]}',
      pattern: null,
      required: false,
      format: 'json',
    }),
  ],
  registration: {
    issuer: '{issuer}',
    audiences: ['{audience}'],
    keys: { jwks: '{jwks}' },
    claims: {
      subject: 'sub',
      email: 'email',
      name: '/kubernetes.io/serviceaccount/name',
      groups: '/kubernetes.io/namespace',
    },
    condition: 'claims["kubernetes.io"].namespace == "{namespace}"',
    admission: 'anyone',
    roles: ['{role}'],
  },
  notes: [
    'Many clusters share the issuer https://kubernetes.default.svc.cluster.local. Give each cluster an audience of its own: another registration of the same issuer and audience is refused.',
    'By default the API server shows its keys to nobody without a token: give the key set, unless the cluster has a public issuer (EKS, AKS, GKE).',
    'A given key set does not follow a rotation. Register the new set before the cluster signs with it.',
    'A token from a Secret of type service-account-token has another iss (kubernetes/serviceaccount) and never expires: use a projected one.',
    'A projected token without an audience is meant for the API server. Never send that one anywhere.',
  ],
  ownership: 'approval',
};
