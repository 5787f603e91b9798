/** Where PostgreSQL is reached, and by which doors. */
export interface DatabaseConfig {
  /** `null`: the embedded server is to be started. */
  readonly url: string | null;
  /** Past any pooler, for `LISTEN` and session locks; `null`: the same as `url`. */
  readonly directUrl: string | null;
  /** Where migrations need another login; `null`: the same as `directUrl`. */
  readonly migrationUrl: string | null;
  readonly poolSize: number;
  readonly preparedStatements: boolean;
}

export interface ThrottleConfig {
  /** 0 switches it off, here and below. */
  readonly tenantPerSecond: number;
  readonly actorPerSecond: number;
}

export interface OutboundConfig {
  /** Origins that may be fetched over http or at private addresses. */
  readonly insecureOrigins: readonly string[];
  /** Whether every origin on a loopback address may be fetched, over http too. */
  readonly insecureLoopback: boolean;
  /** Origins at private addresses that may be fetched over https. */
  readonly allowedOrigins: readonly string[];
}

/** How long the usage ledger is kept, in months before the current one. */
export interface UsageConfig {
  /** Events as they were reported, and sums by the hour. */
  readonly retentionMonths: number;
  /** Sums by the day, of which months are made. */
  readonly rollupRetentionMonths: number;
}

/** How trails are kept. */
export interface AuditConfig {
  /** How long a record waits to be signed, in seconds at the most. */
  readonly checkpointSeconds: number;
  /** Thumbprints of keys that are sealed with a lost master key, and whose signatures count still. */
  readonly trustedKeys: readonly string[];
  /** Where every trail is written for the operator; `null`: nowhere. */
  readonly stream: AuditStreamConfig | null;
}

/** Which decisions about requests are kept, and for how long. */
export interface DecisionsConfig {
  /** Refusals alone, or what was let by too. */
  readonly receipts: 'refusals' | 'all';
  readonly retentionDays: number;
}

/** Where every trail is written for the operator. */
export interface AuditStreamConfig {
  /** Absolute path; `null`: standard output. */
  readonly file: string | null;
}

/** Where mail is handed over, and whom it comes from. */
export interface MailConfig {
  /** `smtp://` or `smtps://`, with the credentials percent-encoded in it. */
  readonly smtpUrl: string;
  /** An address, or `Name <address>`. */
  readonly from: string;
}

/** The key in AWS KMS that wraps the keys of tenants. */
export interface KmsConfig {
  /** Id, alias or ARN. */
  readonly keyId: string;
  /** `null`: the one in the ARN, or what the AWS SDK finds. */
  readonly region: string | null;
  /** `null`: that of AWS. */
  readonly endpoint: string | null;
}

export interface AdminCredential {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** A person who is the first platform admin. */
export interface AdminPerson {
  readonly email: string;
  readonly password: string;
}

/** Everything that the environment decides, read once at the start. */
export class AppConfig {
  readonly isProduction!: boolean;
  readonly host!: string;
  readonly port!: number;
  readonly metricsHost!: string;
  /** `null`: metrics are switched off. */
  readonly metricsPort!: number | null;
  readonly publicUrl!: string;
  readonly dataDir!: string;
  /** 32 bytes; `null`: it is in `masterKeyFile`, else in the key service, else in the data directory, made on first use. */
  readonly masterKey!: Buffer | null;
  /** Path of a file that holds it. */
  readonly masterKeyFile!: string | null;
  /** `null`: the keys of tenants are wrapped by keys under the master key. */
  readonly kms!: KmsConfig | null;
  /** `null`: generated at the first start, and printed once. */
  readonly adminCredential!: AdminCredential | null;
  /** `null`: `admin@localhost`, with a password that is generated at the first start and printed once. */
  readonly adminPerson!: AdminPerson | null;
  readonly trustedProxies!: readonly string[];
  readonly tenantHeader!: string;
  readonly redisUrl!: string | null;
  /** `null`: no mail is sent. */
  readonly mail!: MailConfig | null;
  readonly logLevel!: string;
  readonly database!: DatabaseConfig;
  readonly throttle!: ThrottleConfig;
  readonly outbound!: OutboundConfig;
  readonly usage!: UsageConfig;
  readonly decisions!: DecisionsConfig;
  readonly audit!: AuditConfig;

  constructor(settings: Pick<AppConfig, keyof AppConfig>) {
    Object.assign(this, settings);
  }
}
