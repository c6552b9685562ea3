/** `node bigram-process.ts DIRECTORY STEPS`: the toy run in a process of its own, to be killed. Prints each step's number. */
import { loadKernelFromFile } from '../../kernel/f32-file.ts'
import { train } from '../trainer.ts'
import { bigramModel } from './bigram-model.ts'
import { BIGRAM_DATA, bigramRecipe } from './bigram-run.ts'

const [directory, steps] = process.argv.slice(2)
if (!directory || !steps) throw new Error('usage: bigram-process.ts DIRECTORY STEPS')
const model = bigramModel(await loadKernelFromFile())
const options = { recipe: bigramRecipe(Number(steps)), checkpoints: { directory, every: 1 } }
for await (const { step } of train(model, BIGRAM_DATA, options)) console.log(step)
