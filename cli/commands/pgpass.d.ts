/** Reader of libpq's password file, the one that PGPASSFILE names or `~/.pgpass`. */
declare module "pgpass" {
  export default function pgpass(
    connection: {
      readonly host: string;
      readonly port: number;
      readonly database: string;
      readonly user: string;
    },
    found: (password: string | undefined) => void,
  ): void;
}
