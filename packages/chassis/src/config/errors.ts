/** A setting is missing or invalid. The process cannot start; exit code 78 (EX_CONFIG). */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  /** The variable at fault: `GATEHOUSE_GRPC_PORT`. */
  readonly variable: string;

  constructor(variable: string, mustBe: string) {
    super(`${variable} ${mustBe}`);
    this.variable = variable;
  }
}
