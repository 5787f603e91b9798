import type { Receipt } from '../receipt.js';
import { DecisionStepDto } from './decision-step.dto.js';

/** Why one request was let in or refused. */
export class DecisionReceiptDto {
  /**
   * The id of the request, as in its `X-Request-Id`.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  readonly requestId: string;

  /**
   * When it was decided.
   * @example 2026-11-21T12:00:00.000Z
   */
  readonly at: string;

  /**
   * The method of the request.
   * @example POST
   */
  readonly method: string;

  /**
   * The pattern of the route.
   * @example /v1/tenants/:tenant/issuers
   */
  readonly route: string;

  /**
   * What was decided; `allowed` says nothing of what the route then made of it.
   * @example refused
   */
  readonly outcome: 'allowed' | 'refused';

  /**
   * The status of the answer.
   * @example 403
   */
  readonly status: number;

  /**
   * The code of the refusal; null where there was none.
   * @example access.permission_missing
   */
  readonly code: string | null;

  /** What was looked at, in the order in which it was decided. */
  readonly steps: DecisionStepDto[];

  constructor(receipt: Receipt) {
    this.requestId = receipt.requestId;
    this.at = receipt.at;
    this.method = receipt.method;
    this.route = receipt.route;
    this.outcome = receipt.outcome;
    this.status = receipt.status;
    this.code = receipt.code;
    this.steps = receipt.steps.map((step) => new DecisionStepDto(step));
  }
}

/** The newest receipt of a request, and those before it with the same id. */
export class DecisionDto extends DecisionReceiptDto {
  /** Other requests with this id, which their client may have chosen: newest first, at most 99. */
  readonly others: DecisionReceiptDto[];

  constructor({
    newest,
    others,
  }: {
    readonly newest: Receipt;
    readonly others: readonly Receipt[];
  }) {
    super(newest);
    this.others = others.map((receipt) => new DecisionReceiptDto(receipt));
  }
}
