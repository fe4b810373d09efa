/**
 * The modules of Node that a program can import, by the file of src/node/ that each is, with the names that workerd's has.
 *
 * Source: workerd 1.20260730 at compatibility date 2026-07-30; a test asks it again.
 */

import { type NodeModule, REFUSING_MODULES, words } from './refusing.ts';

const ASSERT = words(`
  AssertionError deepEqual deepStrictEqual doesNotMatch doesNotReject doesNotThrow equal fail ifError match
  notDeepEqual notDeepStrictEqual notEqual notStrictEqual ok partialDeepStrictEqual rejects strict strictEqual
  throws`);
const PATH = words(`
  basename delimiter dirname extname format isAbsolute join matchesGlob normalize parse posix relative resolve
  sep toNamespacedPath win32`);
const UTIL = words(`
  MIMEParams MIMEType TextDecoder TextEncoder _errnoException _exceptionWithHostPort _extend aborted
  callbackify debug debuglog deprecate format formatWithOptions getCallSite getCallSites getSystemErrorMap
  getSystemErrorMessage getSystemErrorName inherits inspect isArray isBoolean isBuffer isDate
  isDeepStrictEqual isError isFunction isNull isNullOrUndefined isNumber isObject isPrimitive isRegExp
  isString isSymbol isUndefined log parseArgs parseEnv promisify stripVTControlCharacters styleText
  toUSVString transferableAbortController transferableAbortSignal types`);

export const NODE_MODULES: Readonly<Record<string, NodeModule>> = {
  assert: {
    file: 'assert',
    names: ASSERT,
  },
  'assert/strict': {
    file: 'assert',
    names: ASSERT,
  },
  async_hooks: {
    file: 'async_hooks',
    names: words(`
      AsyncLocalStorage AsyncResource asyncWrapProviders createHook executionAsyncId executionAsyncResource
      triggerAsyncId`),
  },
  buffer: {
    file: 'buffer',
    names: words(`
      Blob Buffer File INSPECT_MAX_BYTES SlowBuffer atob btoa constants isAscii isUtf8 kMaxLength kStringMaxLength
      resolveObjectURL transcode`),
  },
  console: {
    file: 'console',
    names: words(`
      Console assert clear context count countReset createTask debug dir dirxml error group groupCollapsed
      groupEnd info log profile profileEnd table time timeEnd timeLog timeStamp trace warn`),
  },
  crypto: {
    file: 'crypto',
    names: words(`
      Certificate Cipher Cipheriv CryptoKey Decipher Decipheriv DiffieHellman DiffieHellmanGroup ECDH Hash Hmac
      KeyObject PrivateKeyObject PublicKeyObject SecretKeyObject Sign Verify X509Certificate checkPrime
      checkPrimeSync constants createCipher createCipheriv createDecipher createDecipheriv createDiffieHellman
      createDiffieHellmanGroup createECDH createHash createHmac createPrivateKey createPublicKey createSecretKey
      createSign createVerify diffieHellman fips generateKey generateKeyPair generateKeyPairSync generateKeySync
      generatePrime generatePrimeSync getCipherInfo getCiphers getCurves getDiffieHellman getFips getHashes
      getRandomValues hash hkdf hkdfSync pbkdf2 pbkdf2Sync privateDecrypt privateEncrypt pseudoRandomBytes
      publicDecrypt publicEncrypt randomBytes randomFill randomFillSync randomInt randomUUID scrypt scryptSync
      secureHeapUsed setEngine setFips sign subtle timingSafeEqual verify webcrypto`),
    // The last one the platform's has not.
    order: words(`
      constants DiffieHellman DiffieHellmanGroup createDiffieHellman createDiffieHellmanGroup getDiffieHellman
      ECDH createECDH KeyObject PublicKeyObject PrivateKeyObject SecretKeyObject generateKey generateKeyPair
      generateKeyPairSync generateKeySync createPrivateKey createPublicKey createSecretKey getRandomValues
      pseudoRandomBytes randomBytes randomFillSync randomFill randomInt randomUUID generatePrime generatePrimeSync
      checkPrime checkPrimeSync Hash Hmac createHash createHmac getHashes hash hkdf hkdfSync pbkdf2 pbkdf2Sync
      scrypt scryptSync getCiphers getCurves secureHeapUsed setEngine timingSafeEqual getFips setFips fips subtle
      webcrypto Certificate X509Certificate createSign createVerify sign verify Sign Verify Cipheriv Decipheriv
      createCipheriv createDecipheriv publicDecrypt publicEncrypt privateDecrypt privateEncrypt getCipherInfo
      CryptoKey createCipher createDecipher Cipher Decipher diffieHellman`),
  },
  diagnostics_channel: {
    file: 'diagnostics_channel',
    names: words(`
      Channel TracingChannel channel hasSubscribers subscribe tracingChannel unsubscribe`),
  },
  events: {
    file: 'events',
    names: words(`
      EventEmitter EventEmitterAsyncResource addAbortListener captureRejectionSymbol captureRejections
      defaultMaxListeners errorMonitor getEventListeners getMaxListeners listenerCount on once setMaxListeners
      usingDomains`),
  },
  os: {
    file: 'os',
    names: words(`
      EOL arch availableParallelism constants cpus devNull endianness freemem getPriority homedir hostname loadavg
      machine networkInterfaces platform release setPriority tmpdir totalmem type uptime userInfo version`),
  },
  path: {
    file: 'path',
    names: PATH,
  },
  'path/posix': {
    file: 'path',
    names: PATH,
  },
  perf_hooks: {
    file: 'perf_hooks',
    names: words(`
      Performance PerformanceEntry PerformanceMark PerformanceMeasure PerformanceObserver
      PerformanceObserverEntryList PerformanceResourceTiming constants createHistogram eventLoopUtilization
      monitorEventLoopDelay performance timerify`),
  },
  process: {
    file: 'process',
    names: words(`
      _channel _debugEnd _debugProcess _disconnect _exiting _fatalException _getActiveHandles _getActiveRequests
      _handleQueue _kill _linkedBinding _pendingMessage _preload_modules _rawDebug _send
      _startProfilerIdleNotifier _stopProfilerIdleNotifier _tickCallback abort allowedNodeEnvironmentFlags arch
      argv argv0 assert availableMemory binding channel chdir config connected constrainedMemory cpuUsage cwd
      debugPort dlopen domain emitWarning env execArgv execPath execve exit exitCode features finalization
      getActiveResourcesInfo getBuiltinModule getSourceMapsSupport getegid geteuid getgid getgroups getuid
      hasUncaughtExceptionCaptureCallback hrtime initgroups kill loadEnvFile memoryUsage moduleLoadList nextTick
      noDeprecation openStdin permission pid platform ppid reallyExit ref release report resourceUsage send
      setSourceMapsEnabled setUncaughtExceptionCaptureCallback setegid seteuid setgid setgroups setuid
      sourceMapsEnabled stderr stdin stdout threadCpuUsage throwDeprecation title traceDeprecation umask unref
      uptime version versions`),
  },
  punycode: {
    file: 'punycode',
    names: words(`
      decode encode toASCII toUnicode ucs2 version`),
  },
  querystring: {
    file: 'querystring',
    names: words(`
      decode encode escape parse stringify unescape unescapeBuffer`),
  },
  stream: {
    file: 'stream',
    names: words(`
      Duplex PassThrough Readable Stream Transform Writable _isArrayBufferView _isUint8Array _uint8ArrayToBuffer
      addAbortSignal compose destroy duplexPair finished getDefaultHighWaterMark isDestroyed isDisturbed isErrored
      isReadable isWritable pipeline promises setDefaultHighWaterMark`),
  },
  'stream/consumers': {
    file: 'stream-consumers',
    names: words(`
      arrayBuffer blob buffer json text`),
  },
  'stream/promises': {
    file: 'stream-promises',
    names: words(`
      finished pipeline promises`),
  },
  'stream/web': {
    file: 'stream-web',
    names: words(`
      ByteLengthQueuingStrategy CompressionStream CountQueuingStrategy DecompressionStream
      ReadableByteStreamController ReadableStream ReadableStreamBYOBReader ReadableStreamBYOBRequest
      ReadableStreamDefaultController ReadableStreamDefaultReader TextDecoderStream TextEncoderStream
      TransformStream TransformStreamDefaultController WritableStream WritableStreamDefaultController
      WritableStreamDefaultWriter`),
  },
  string_decoder: {
    file: 'string_decoder',
    names: words(`
      StringDecoder`),
  },
  sys: {
    file: 'util',
    names: UTIL,
  },
  timers: {
    file: 'timers',
    names: words(`
      Timeout active clearImmediate clearInterval clearTimeout enroll promises setImmediate setInterval setTimeout
      unenroll`),
  },
  'timers/promises': {
    file: 'timers-promises',
    names: words(`
      scheduler setImmediate setInterval setTimeout`),
  },
  url: {
    file: 'url',
    names: words(`
      URL URLSearchParams Url domainToASCII domainToUnicode fileURLToPath format parse pathToFileURL resolve
      resolveObject toPathIfFileURL urlToHttpOptions`),
  },
  util: {
    file: 'util',
    names: UTIL,
  },
  'util/types': {
    file: 'util-types',
    names: words(`
      isAnyArrayBuffer isArgumentsObject isArrayBuffer isArrayBufferView isAsyncFunction isBigInt64Array
      isBigIntObject isBigUint64Array isBooleanObject isBoxedPrimitive isCryptoKey isDataView isDate isExternal
      isFloat16Array isFloat32Array isFloat64Array isGeneratorFunction isGeneratorObject isInt16Array isInt32Array
      isInt8Array isKeyObject isMap isMapIterator isModuleNamespaceObject isNativeError isNumberObject isPromise
      isProxy isRegExp isSet isSetIterator isSharedArrayBuffer isStringObject isSymbolObject isTypedArray
      isUint16Array isUint32Array isUint8Array isUint8ClampedArray isWeakMap isWeakSet`),
  },
  ...REFUSING_MODULES,
};
