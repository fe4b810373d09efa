/**
 * Modules of Node that need a machine, by the names that workerd's have: programs import them, or packages do, and a name that
 * nobody uses must not keep them from running. What is used refuses, naming itself (missing.ts).
 *
 * Source: workerd 1.20260730 at compatibility date 2026-07-30; `node/refusing-modules` asks it again.
 */

export interface NodeModule {
  /** of src/node/, without its ending */
  file: string;
  /** every export but `default` */
  names: readonly string[];
  /** of what the default export has, where it is not that of `names` */
  order?: readonly string[];
}

export function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}

const DNS = words(`
  ADDRCONFIG ADDRGETNETWORKPARAMS ALL BADFAMILY BADFLAGS BADHINTS BADNAME BADQUERY BADRESP BADSTR CANCELLED
  CONNREFUSED DESTRUCTION EOF FILE FORMERR LOADIPHLPAPI NODATA NOMEM NONAME NOTFOUND NOTIMP NOTINITIALIZED REFUSED
  Resolver SERVFAIL TIMEOUT V4MAPPED getDefaultResultOrder getServers lookup lookupService resolve resolve4
  resolve6 resolveAny resolveCaa resolveCname resolveMx resolveNaptr resolveNs resolvePtr resolveSoa resolveSrv
  resolveTxt reverse setDefaultResultOrder setServers`);

export const REFUSING_MODULES: Readonly<Record<string, NodeModule>> = {
  child_process: {
    file: 'none',
    names: words(`
      ChildProcess _forkChild exec execFile execFileSync execSync fork spawn spawnSync`),
  },
  cluster: {
    file: 'none',
    names: words(`
      Cluster SCHED_NONE SCHED_RR Worker _events _eventsCount _maxListeners disconnect fork isMaster isPrimary
      isWorker schedulingPolicy settings setupMaster setupPrimary workers`),
  },
  dgram: {
    file: 'none',
    names: words(`
      Socket createSocket`),
  },
  dns: { file: 'none', names: [...DNS, 'promises'] },
  'dns/promises': { file: 'none', names: DNS },
  domain: {
    file: 'none',
    names: words(`
      Domain active create createDomain`),
  },
  fs: {
    file: 'none',
    names: words(`
      Dir Dirent F_OK FileReadStream FileWriteStream R_OK ReadStream Stats W_OK WriteStream X_OK access accessSync
      appendFile appendFileSync chmod chmodSync chown chownSync close closeSync constants copyFile copyFileSync cp
      cpSync createReadStream createWriteStream exists existsSync fchmod fchmodSync fchown fchownSync fdatasync
      fdatasyncSync fstat fstatSync fsync fsyncSync ftruncate ftruncateSync futimes futimesSync glob globSync
      lchmod lchmodSync lchown lchownSync link linkSync lstat lstatSync lutimes lutimesSync mkdir mkdirSync mkdtemp
      mkdtempSync open openAsBlob openSync opendir opendirSync promises read readFile readFileSync readSync readdir
      readdirSync readlink readlinkSync readv readvSync realpath realpathSync rename renameSync rm rmSync rmdir
      rmdirSync stat statSync statfs statfsSync symlink symlinkSync truncate truncateSync unlink unlinkSync
      unwatchFile utimes utimesSync watch watchFile write writeFile writeFileSync writeSync writev writevSync`),
  },
  'fs/promises': {
    file: 'none',
    names: words(`
      FileHandle access appendFile chmod chown constants copyFile cp glob lchmod lchown link lstat lutimes mkdir
      mkdtemp open opendir readFile readdir readlink realpath rename rm rmdir stat statfs symlink truncate unlink
      utimes watch writeFile`),
  },
  http: {
    file: 'none',
    names: words(`
      Agent ClientRequest CloseEvent IncomingMessage METHODS MessageEvent OutgoingMessage STATUS_CODES Server
      ServerResponse WebSocket _connectionListener createServer get globalAgent maxHeaderSize request
      setMaxIdleHTTPParsers validateHeaderName validateHeaderValue`),
  },
  http2: {
    file: 'none',
    names: words(`
      Http2ServerRequest Http2ServerResponse connect constants createSecureServer createServer getDefaultSettings
      getPackedSettings getUnpackedSettings performServerHandshake sensitiveHeaders`),
  },
  https: {
    file: 'none',
    names: words(`
      Agent Server createServer get globalAgent request`),
  },
  inspector: {
    file: 'none',
    names: words(`
      Network Session close console open url waitForDebugger`),
  },
  module: {
    file: 'module',
    names: words(`
      Module SourceMap _cache _debug _extensions _findPath _initPaths _load _nodeModulePaths _pathCache
      _preloadModules _resolveFilename _resolveLookupPaths builtinModules constants createRequire
      enableCompileCache findPackageJSON findSourceMap flushCompileCache getCompileCacheDir getSourceMapsSupport
      globalPaths isBuiltin register registerHooks runMain setSourceMapsSupport stripTypeScriptTypes
      syncBuiltinESMExports wrap`),
  },
  net: {
    file: 'none',
    names: words(`
      BlockList Server Socket SocketAddress Stream _normalizeArgs connect createConnection createServer
      getDefaultAutoSelectFamily getDefaultAutoSelectFamilyAttemptTimeout isIP isIPv4 isIPv6
      setDefaultAutoSelectFamily setDefaultAutoSelectFamilyAttemptTimeout`),
  },
  readline: {
    file: 'none',
    names: words(`
      Interface clearLine clearScreenDown createInterface cursorTo emitKeypressEvents moveCursor promises`),
  },
  'readline/promises': {
    file: 'none',
    names: words(`
      Interface Readline createInterface`),
  },
  repl: {
    file: 'none',
    names: words(`
      REPLServer REPL_MODE_SLOPPY REPL_MODE_STRICT Recoverable _builtinLibs builtinModules start writer`),
  },
  sqlite: {
    file: 'none',
    names: words(`
      DatabaseSync StatementSync backup constants`),
  },
  tls: {
    file: 'none',
    names: words(`
      CLIENT_RENEG_LIMIT CLIENT_RENEG_WINDOW DEFAULT_CIPHERS DEFAULT_ECDH_CURVE DEFAULT_MAX_VERSION
      DEFAULT_MIN_VERSION SecureContext Server TLSSocket checkServerIdentity connect convertALPNProtocols
      createSecureContext createSecurePair createServer getCiphers rootCertificates`),
  },
  trace_events: {
    file: 'none',
    names: words(`
      createTracing getEnabledCategories`),
  },
  tty: {
    file: 'tty',
    names: words(`
      ReadStream WriteStream isatty`),
  },
  v8: {
    file: 'none',
    names: words(`
      DefaultDeserializer DefaultSerializer Deserializer GCProfiler Serializer cachedDataVersionTag deserialize
      getCppHeapStatistics getHeapCodeStatistics getHeapSnapshot getHeapSpaceStatistics getHeapStatistics
      isStringOneByteRepresentation promiseHooks queryObjects serialize setFlagsFromString
      setHeapSnapshotNearHeapLimit startupSnapshot stopCoverage takeCoverage writeHeapSnapshot`),
  },
  vm: {
    file: 'none',
    names: words(`
      Script compileFunction constants createContext createScript isContext measureMemory runInContext
      runInNewContext runInThisContext`),
  },
  wasi: {
    file: 'none',
    names: words(`
      WASI`),
  },
  worker_threads: {
    file: 'worker_threads',
    names: words(`
      BroadcastChannel MessageChannel MessagePort SHARE_ENV Worker getEnvironmentData isInternalThread isMainThread
      isMarkedAsUntransferable markAsUncloneable markAsUntransferable moveMessagePortToContext parentPort
      postMessageToThread receiveMessageOnPort resourceLimits setEnvironmentData threadId workerData`),
  },
  zlib: {
    file: 'none',
    names: words(`
      BROTLI_DECODE BROTLI_DECODER_ERROR_ALLOC_BLOCK_TYPE_TREES BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MAP
      BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MODES BROTLI_DECODER_ERROR_ALLOC_RING_BUFFER_1
      BROTLI_DECODER_ERROR_ALLOC_RING_BUFFER_2 BROTLI_DECODER_ERROR_ALLOC_TREE_GROUPS
      BROTLI_DECODER_ERROR_DICTIONARY_NOT_SET BROTLI_DECODER_ERROR_FORMAT_BLOCK_LENGTH_1
      BROTLI_DECODER_ERROR_FORMAT_BLOCK_LENGTH_2 BROTLI_DECODER_ERROR_FORMAT_CL_SPACE
      BROTLI_DECODER_ERROR_FORMAT_CONTEXT_MAP_REPEAT BROTLI_DECODER_ERROR_FORMAT_DICTIONARY
      BROTLI_DECODER_ERROR_FORMAT_DISTANCE BROTLI_DECODER_ERROR_FORMAT_EXUBERANT_META_NIBBLE
      BROTLI_DECODER_ERROR_FORMAT_EXUBERANT_NIBBLE BROTLI_DECODER_ERROR_FORMAT_HUFFMAN_SPACE
      BROTLI_DECODER_ERROR_FORMAT_PADDING_1 BROTLI_DECODER_ERROR_FORMAT_PADDING_2
      BROTLI_DECODER_ERROR_FORMAT_RESERVED BROTLI_DECODER_ERROR_FORMAT_SIMPLE_HUFFMAN_ALPHABET
      BROTLI_DECODER_ERROR_FORMAT_SIMPLE_HUFFMAN_SAME BROTLI_DECODER_ERROR_FORMAT_TRANSFORM
      BROTLI_DECODER_ERROR_FORMAT_WINDOW_BITS BROTLI_DECODER_ERROR_INVALID_ARGUMENTS
      BROTLI_DECODER_ERROR_UNREACHABLE BROTLI_DECODER_NEEDS_MORE_INPUT BROTLI_DECODER_NEEDS_MORE_OUTPUT
      BROTLI_DECODER_NO_ERROR BROTLI_DECODER_PARAM_DISABLE_RING_BUFFER_REALLOCATION
      BROTLI_DECODER_PARAM_LARGE_WINDOW BROTLI_DECODER_RESULT_ERROR BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT
      BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT BROTLI_DECODER_RESULT_SUCCESS BROTLI_DECODER_SUCCESS
      BROTLI_DEFAULT_MODE BROTLI_DEFAULT_QUALITY BROTLI_DEFAULT_WINDOW BROTLI_ENCODE BROTLI_LARGE_MAX_WINDOW_BITS
      BROTLI_MAX_INPUT_BLOCK_BITS BROTLI_MAX_QUALITY BROTLI_MAX_WINDOW_BITS BROTLI_MIN_INPUT_BLOCK_BITS
      BROTLI_MIN_QUALITY BROTLI_MIN_WINDOW_BITS BROTLI_MODE_FONT BROTLI_MODE_GENERIC BROTLI_MODE_TEXT
      BROTLI_OPERATION_EMIT_METADATA BROTLI_OPERATION_FINISH BROTLI_OPERATION_FLUSH BROTLI_OPERATION_PROCESS
      BROTLI_PARAM_DISABLE_LITERAL_CONTEXT_MODELING BROTLI_PARAM_LARGE_WINDOW BROTLI_PARAM_LGBLOCK
      BROTLI_PARAM_LGWIN BROTLI_PARAM_MODE BROTLI_PARAM_NDIRECT BROTLI_PARAM_NPOSTFIX BROTLI_PARAM_QUALITY
      BrotliCompress BrotliDecompress DEFLATE DEFLATERAW Deflate DeflateRaw GUNZIP GZIP Gunzip Gzip INFLATE
      INFLATERAW Inflate InflateRaw UNZIP Unzip ZLIB_VERNUM ZSTD_COMPRESS ZSTD_DECODE ZSTD_DECOMPRESS ZSTD_ENCODE
      ZSTD_error_GENERIC ZSTD_error_checksum_wrong ZSTD_error_corruption_detected
      ZSTD_error_dictionaryCreation_failed ZSTD_error_dictionary_corrupted ZSTD_error_dictionary_wrong
      ZSTD_error_dstBuffer_null ZSTD_error_dstSize_tooSmall ZSTD_error_frameParameter_unsupported
      ZSTD_error_frameParameter_windowTooLarge ZSTD_error_init_missing ZSTD_error_literals_headerWrong
      ZSTD_error_maxSymbolValue_tooLarge ZSTD_error_maxSymbolValue_tooSmall ZSTD_error_memory_allocation
      ZSTD_error_noForwardProgress_destFull ZSTD_error_noForwardProgress_inputEmpty ZSTD_error_no_error
      ZSTD_error_parameter_combination_unsupported ZSTD_error_parameter_outOfBound ZSTD_error_parameter_unsupported
      ZSTD_error_prefix_unknown ZSTD_error_srcSize_wrong ZSTD_error_stabilityCondition_notRespected
      ZSTD_error_stage_wrong ZSTD_error_tableLog_tooLarge ZSTD_error_version_unsupported
      ZSTD_error_workSpace_tooSmall Z_BEST_COMPRESSION Z_BEST_SPEED Z_BLOCK Z_BUF_ERROR Z_DATA_ERROR
      Z_DEFAULT_CHUNK Z_DEFAULT_COMPRESSION Z_DEFAULT_LEVEL Z_DEFAULT_MEMLEVEL Z_DEFAULT_STRATEGY
      Z_DEFAULT_WINDOWBITS Z_ERRNO Z_FILTERED Z_FINISH Z_FIXED Z_FULL_FLUSH Z_HUFFMAN_ONLY Z_MAX_CHUNK Z_MAX_LEVEL
      Z_MAX_MEMLEVEL Z_MAX_WINDOWBITS Z_MEM_ERROR Z_MIN_CHUNK Z_MIN_LEVEL Z_MIN_MEMLEVEL Z_MIN_WINDOWBITS
      Z_NEED_DICT Z_NO_COMPRESSION Z_NO_FLUSH Z_OK Z_PARTIAL_FLUSH Z_RLE Z_STREAM_END Z_STREAM_ERROR Z_SYNC_FLUSH
      Z_VERSION_ERROR ZstdCompress ZstdDecompress brotliCompress brotliCompressSync brotliDecompress
      brotliDecompressSync codes constants crc32 createBrotliCompress createBrotliDecompress createDeflate
      createDeflateRaw createGunzip createGzip createInflate createInflateRaw createUnzip createZstdCompress
      createZstdDecompress deflate deflateRaw deflateRawSync deflateSync gunzip gunzipSync gzip gzipSync inflate
      inflateRaw inflateRawSync inflateSync unzip unzipSync zstdCompress zstdCompressSync zstdDecompress
      zstdDecompressSync`),
  },
};
