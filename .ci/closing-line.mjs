// Prints "N passed, N failed, N skipped" of a JSON report of vitest.
import { readFileSync } from 'node:fs'

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = report
// A file that fails to load counts no test of its own, and must not pass for none failed.
const failedFiles = report.testResults.filter(
  (file) => file.status === 'failed' && file.assertionResults.length === 0,
).length
console.log(
  `${numPassedTests} passed, ${numFailedTests + failedFiles} failed, ${numPendingTests + numTodoTests} skipped`,
)
