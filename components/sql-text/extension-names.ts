/**
 * Names that PostgreSQL's bundled extensions create in schema public and that SQL uses. A name that is not among these,
 * not TimescaleDB's and not created by the files is PostgreSQL's own, or does not exist.
 */

import { splitWords } from "../text/words";

export const EXTENSION_FUNCTIONS: readonly string[] = [
  // pg_trgm
  ...splitWords("set_limit show_limit show_trgm similarity strict_word_similarity word_similarity"),
  // pgcrypto
  ...splitWords(`
    armor crypt dearmor decrypt decrypt_iv digest encrypt encrypt_iv gen_random_bytes gen_salt
    hmac pgp_pub_decrypt pgp_pub_encrypt pgp_sym_decrypt pgp_sym_encrypt`),
  // uuid-ossp
  ...splitWords(`
    uuid_generate_v1 uuid_generate_v1mc uuid_generate_v3 uuid_generate_v4 uuid_generate_v5
    uuid_nil`),
  // pg_stat_statements
  ...splitWords("pg_stat_statements pg_stat_statements_info pg_stat_statements_reset"),
];

export const EXTENSION_OPERATOR_CLASSES: readonly string[] = ["gin_trgm_ops", "gist_trgm_ops"];
