/** `openledger audit`: recomputes every settled attribution from the contents on chain and compares the integers. */
import { Command } from 'commander'
import { createPublicClient, http } from 'viem'
import { auditSettlements, describeDifference } from '../prover/audit/auditor.ts'
import { ViemAuditReads } from '../prover/audit/viem-audit-reads.ts'
import { parseUrl } from './options.ts'

type AuditCommandOptions = { l2Rpc: string; gateway: string; json: boolean }

export function auditCommand(): Command {
  return new Command('audit')
    .description('recompute every settled attribution from the contents on chain; exit code 1 where an integer differs')
    .requiredOption('--l2-rpc <url>', 'JSON-RPC of an L2 node that you trust, best your own verifier', parseUrl)
    .requiredOption('--gateway <url>', "the prover's gateway, which opens what it was paid for", parseUrl)
    .option('--json', 'print the report as one JSON object', false)
    .action(runAudit)
}

async function runAudit(options: AuditCommandOptions): Promise<void> {
  const client = createPublicClient({ transport: http(options.l2Rpc) })
  const report = await auditSettlements(new ViemAuditReads({ client }, { gatewayUrl: options.gateway }))
  if (options.json) console.log(JSON.stringify(report))
  else {
    for (const difference of report.differences) console.log(describeDifference(difference))
    console.log(
      `${report.audited} settled leaves recomputed, ${report.equal} with the same integers; ${report.closed} closed by their payers`,
    )
  }
  if (report.equal !== report.audited || report.differences.length > 0) process.exitCode = 1
}
