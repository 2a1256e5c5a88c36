/** How the embedded server runs. Given on its command line, so that nobody edits a file inside the data directory. */
export const serverSettings: Readonly<Record<string, string>> = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  max_connections: '200',
  shared_buffers: '128MB',
  max_wal_size: '2GB',
  // New WAL segments need no zeros: filling them is what makes the slowest commits slow.
  wal_init_zero: 'off',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
  // Statements, their values and the details of errors may hold personal data.
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_parameter_max_length: '0',
  log_parameter_max_length_on_error: '0',
};

/** For tests: a crash of the machine loses the cluster, and nobody will miss it. */
export const forgetfulSettings: Readonly<Record<string, string>> = {
  // Servers that tests start share it, six and more at once, and test files of which eight are in a process: each keeps what it has opened.
  max_connections: '1000',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  // Tables that were never counted are taken for large ones: to start two workers for a query over many of them costs ten times the query.
  max_parallel_workers_per_gather: '0',
};

export const superuser = 'budstikke';
export const databaseName = 'budstikke';
export const port = 5432;
