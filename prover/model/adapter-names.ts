/** The names in PEFT's files (peft.ts), for those that touch no file, in a browser too. */

export const ADAPTER_WEIGHTS_FILE = 'adapter_model.safetensors'

/** Of a layer's two matrices. */
export const tensorNames = (module: string) => ({
  a: `base_model.model.${module}.lora_A.weight`,
  b: `base_model.model.${module}.lora_B.weight`,
})
