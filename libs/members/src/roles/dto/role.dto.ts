import { PageDtoOf } from '@tenantry/http';
import type { Role } from '../role.js';

/** What its holders may do in the tenant. */
export class RoleDto {
  /**
   * Its name, unique in the tenant; it never changes.
   * @example deployer
   */
  readonly name: string;

  /**
   * What it is for.
   * @example Deploys adapters, and nothing else.
   */
  readonly description: string | null;

  /**
   * What it lets its holders do; one that its engine has withdrawn lies dormant.
   * @example ["registry:read", "adapters:write"]
   */
  readonly permissions: string[];

  /**
   * Whether every tenant has it, and nobody can change it.
   * @example false
   */
  readonly builtIn: boolean;

  /**
   * Grows with each change; the ETag of the resource.
   * @example 7
   */
  readonly revision: number;

  /**
   * When it was defined; null of a built-in one.
   * @example 2026-11-21T12:00:00.000Z
   */
  readonly createdAt: Date | null;

  /**
   * When it was changed last; null of a built-in one.
   * @example 2026-11-21T12:00:00.000Z
   */
  readonly updatedAt: Date | null;

  constructor(role: Role) {
    this.name = role.name;
    this.description = role.description;
    this.permissions = [...role.permissions];
    this.builtIn = role.builtIn;
    this.revision = role.revision;
    this.createdAt = role.createdAt;
    this.updatedAt = role.updatedAt;
  }
}

/** One page of roles: the built-in ones, then the tenant's own, each by name. */
export class RolesPageDto extends PageDtoOf(RoleDto) {}
