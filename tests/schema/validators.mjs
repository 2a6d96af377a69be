// Judges plans by ajv in its strict mode. Standard input: {"schemas": [schema, …], "formats": [name, …], "texts": [plan, …]}, the
// plans being judged by the first schema. Standard output: {"metaschema": [verdict, …], "refused": [what is wrong, or null, …]}.
import { createRequire } from 'node:module'

const require = createRequire(process.argv[2] + '/')
const Ajv = require('ajv/dist/2020').default

const input = []
for await (const piece of process.stdin) input.push(piece)
const { schemas, formats, texts } = JSON.parse(Buffer.concat(input))

const ajv = new Ajv({ strictSchema: true, strictTypes: true, allErrors: false })
// Strict mode wants to know every keyword and format. These are for editors, and Landfall's own.
ajv.addVocabulary([
  'markdownDescription', 'enumDescriptions', 'markdownEnumDescriptions', 'patternErrorMessage', 'errorMessage', 'defaultSnippets',
])
for (const format of formats) ajv.addFormat(format, true)

const metaschema = schemas.map((schema) => ajv.validateSchema(schema))
const [validate] = schemas.map((schema) => ajv.compile(schema))
const refused = texts.map((text) => (validate(JSON.parse(text)) ? null : ajv.errorsText(validate.errors)))
process.stdout.write(JSON.stringify({ metaschema, refused }))
