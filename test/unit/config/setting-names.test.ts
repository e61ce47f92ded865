import { expect } from 'chai'
import { editsBetween, examineNames } from '#src/app/config/names.js'
import { settings } from '#src/app/config/settings.js'

/** What is found about one name with this value, in English. */
function about(name: string, value = 'x') {
  const { mistakes, warnings } = examineNames({ [name]: value })
  return { mistakes: mistakes.map(({ en }) => en), warnings: warnings.map(({ en }) => en) }
}
const nothing = { mistakes: [], warnings: [] }

describe('a name in the environment', () => {
  const meant: Record<string, string[]> = {
    WECHAT_APPID: [
      ...[
        'WECHAT_APP_ID',
        'WX_APPID',
        'WX_APP_ID',
        'WXAPPID',
        'WEIXIN_APPID',
        'WEIXIN_APP_ID',
        'wechat_appid',
      ],
      ...['wechatAppId', 'wechat-appid', 'Wechat_AppId', 'WECHAT_APIPD', 'WECHATAPPID', 'WECHAT_MINI_APP_ID'],
      ...['WECHAT_MINIPROGRAM_APPID', 'MINIPROGRAM_APPID', 'MINI_PROGRAM_APP_ID', 'MP_APPID', 'WEAPP_ID'],
      ...[
        'WX_MINI_PROGRAM_APPID',
        'WECHAT_MP_APP_ID',
        'WX_MA_APPID',
        'R3SESSION_WECHAT_APPID',
        '\uFEFFWECHAT_APPID',
      ],
      ...['WECHAT_APPID ', 'wx.appid'],
    ],
    WECHAT_SECRET: [
      ...[
        'WECHAT_APP_SECRET',
        'WECHAT_APPSECRET',
        'WX_SECRET',
        'WX_APP_SECRET',
        'WX_APPSECRET',
        'WEIXIN_SECRET',
      ],
      ...[
        'WEIXIN_APPSECRET',
        'wechat_secret',
        'WECHAT_SECRT',
        'WECHAT_SECRETS',
        'WEHCAT_SECRET',
        'WECHAT_SECRET_KEY',
      ],
      ...[
        'MINIPROGRAM_SECRET',
        'MINI_PROGRAM_APP_SECRET',
        'WX_MINI_APPSECRET',
        'wechatAppSecret',
        'MP_SECRET',
      ],
    ],
    WECHAT_SECRET_FILE: [
      'WECHAT_APP_SECRET_FILE',
      'WX_SECRET_FILE',
      'wechat_secret_file',
      'WECHAT_SECRET_FIEL',
    ],
    WECHAT_APPID_FILE: ['WECHAT_APP_ID_FILE', 'WECHAT_APPIDFILE', 'WX_APPID_FILE'],
    WECHAT_API: ['WECHAT_API_URL', 'WECHAT_API_BASE', 'WX_API'],
    WECHAT_TIMEOUT: ['WECHAT_TIMEOUT_MS', 'WECHAT_TIME_OUT', 'WX_TIMEOUT'],
    SESSION_TTL: ['SESION_TTL', 'SESSIONS_TTL', 'SESSION_TLL', 'session_ttl', 'SESSIONTTL'],
    SESSION_MAX_AGE: ['SESSION_MAXAGE', 'SESSION_MAX_AEG', 'SESSON_MAX_AGE'],
    SESSION_MAX_PER_USER: ['SESSIONMAXPERUSER', 'SESSION_MAX_PER_USERS'],
    SESSION_SECRET: ['SESSION_SECRETS', 'SESSION_SECERT', 'session-secret'],
    SESSION_STORE: ['SESSION_STORAGE', 'SESSION_STORE_URL', 'SESSION_SOTRE'],
    OPEN_DATA_MAX_AGE: ['OPENDATAMAXAGE', 'OPENDATA_MAX_AGE', 'OPEN_DATA_MAXAGE'],
    SERVICE_KEYS: ['SERVICE_KEY', 'SERVICES_KEYS'],
    TRUST_PROXY: ['TRUST_PROXIES', 'TRUSTED_PROXIES', 'TRUSTED_PROXY', 'TRUST_PROXYS'],
    LOG_LEVEL: ['LOGLEVEL', 'LOG_LEVLE', 'log_level'],
    METRICS_PORT: ['METRIC_PORT', 'METRICSPORT', 'METRCIS_PORT', 'metrics_port'],
    LOG_FORMAT: ['LOGFORMAT', 'LOG_FROMAT'],
    PORT: ['port', 'PROT', 'POTR'],
    HOST: ['host', 'HSOT', 'HOTS'],
  }
  for (const [setting, names] of Object.entries(meant)) {
    it(`that is nearly ${setting} is refused with the one that was meant`, () => {
      for (const name of names) {
        const { mistakes } = about(name)
        expect(mistakes, name).to.have.lengthOf(1)
        expect(mistakes[0], name).to.match(new RegExp(`did you mean ${setting}\\?$`))
      }
    })
  }

  it('that is near two settings is refused with both', () => {
    expect(about('WECHAT_APIS').mistakes[0]).to.match(/did you mean WECHAT_APPS or WECHAT_API\?/)
  })

  it('that is a setting, or has no value, is nothing to speak of', () => {
    for (const name of Object.keys(settings)) {
      expect(about(name), name).to.deep.equal(nothing)
      expect(about(`${name}_FILE`), name).to.deep.equal(nothing)
    }
    expect(about('WECHAT_APP_ID', '')).to.deep.equal(nothing)
  })

  it('that only begins like a setting is warned of', () => {
    for (const name of [
      'WECHAT_TOKEN',
      'SESSION_COOKIE_NAME',
      'WX_PAY_MCHID',
      'R3SESSION_MODE',
      'OPEN_DATA_LIMIT',
    ]) {
      expect(about(name).mistakes, name).to.deep.equal([])
      expect(about(name).warnings, name).to.deep.equal([`${name} is not a setting and has no effect`])
    }
  })

  it('that Kubernetes gives to every pod is neither', () => {
    for (const service of [
      'WECHAT',
      'SESSION',
      'SESSION_STORE',
      'R3SESSION',
      'WX',
      'METRICS',
      'WECHAT_APPID',
      'KUBERNETES',
    ]) {
      for (const end of [
        'PORT',
        'SERVICE_HOST',
        'SERVICE_PORT',
        'SERVICE_PORT_HTTP',
        'PORT_3000_TCP',
        'PORT_53_UDP_PROTO',
        'PORT_443_TCP_ADDR',
      ])
        expect(about(`${service}_${end}`, 'tcp://10.0.0.1:3000'), `${service}_${end}`).to.deep.equal(nothing)
    }
  })

  it('that ends like a port is not warned of, whatever its value', () => {
    for (const name of ['SESSION_PORT', 'WECHAT_PORT', 'LIMIT_PORT']) {
      expect(about(name, '8080'), name).to.deep.equal(nothing)
    }
  })

  it('that other programs use is neither', () => {
    for (const name of foreign) expect(about(name), name).to.deep.equal(nothing)
  })

  it('of any application is refused only where its value is an appid and none is set', () => {
    const appid = 'wx0123456789abcdef'
    expect(about('APP_ID', '4711')).to.deep.equal(nothing)
    expect(about('APP_ID', appid).mistakes[0]).to.match(/did you mean WECHAT_APPID\?/)
    expect(about('appid', appid).mistakes[0]).to.match(/did you mean WECHAT_APPID\?/)
    expect(examineNames({ APP_ID: appid, WECHAT_APPID: appid }).mistakes).to.deep.equal([])
    expect(examineNames({ APP_ID: appid, WECHAT_APPID_FILE: '/x' }).mistakes).to.deep.equal([])
  })

  it('is shown without what would move a cursor or hide, and never with its value', () => {
    const { mistakes } = about('\uFEFFWECHAT_SECRET', 'canary')
    expect(mistakes[0]).to.equal('\\ufeffWECHAT_SECRET is not a setting; did you mean WECHAT_SECRET?')
    expect(about('WECHAT_\u001b[2J', 'canary').warnings[0]).to.equal(
      'WECHAT_\\u001b[2J is not a setting and has no effect',
    )
    expect(about(`WECHAT_${'X'.repeat(5000)}`).warnings[0]).to.have.lengthOf.below(150)
  })

  it('is spoken of in Chinese as well', () => {
    expect(examineNames({ WX_APPID: 'x' }).mistakes[0]?.zh).to.match(/WX_APPID .*WECHAT_APPID/)
  })
})

describe('the edits between two names', () => {
  it('are letters added, left out, replaced or swapped', () => {
    for (const [one, other, edits] of [
      ['ABC', 'ABC', 0],
      ['ABC', 'ABCD', 1],
      ['ABC', 'BC', 1],
      ['ABC', 'AXC', 1],
      ['ABC', 'ACB', 1],
      ['ABCD', 'BADC', 2],
      ['', 'AB', 2],
      ['ABC', 'XYZ', 3],
    ] as const)
      expect(editsBetween(one, other), `${one} ${other}`).to.equal(edits)
  })

  it('are not counted where the lengths alone are too far apart', () => {
    expect(editsBetween('A', 'ABCD')).to.be.greaterThan(2)
  })
})

/** From shells, desktops, Docker, Compose, Kubernetes, CI, npm, Node, proxies, cloud hosts, databases, other servers. */
const foreign = `
  HOME HOSTNAME HOSTS HOSTTYPE HOSTALIASES HOSTFILE HOSTNAME_FILE POST PORTS SORT COST MOST LOST PATH PWD OLDPWD SHELL SHLVL TERM TERM_PROGRAM
  TERM_SESSION_ID USER LOGNAME MAIL LANG LANGUAGE LC_ALL LC_CTYPE TZ EDITOR PAGER LESS LS_COLORS DISPLAY WAYLAND_DISPLAY COLORTERM
  DESKTOP_SESSION SESSION_MANAGER XDG_SESSION_ID XDG_SESSION_TYPE XDG_SESSION_CLASS XDG_RUNTIME_DIR DBUS_SESSION_BUS_ADDRESS GNOME_SHELL_SESSION_MODE
  WX_CONFIG SESSIONNAME USERPROFILE APPDATA LOCALAPPDATA COMPUTERNAME OS PATHEXT SystemRoot ProgramFiles windir ComSpec TEMP TMP TMPDIR
  SSH_AUTH_SOCK SSH_CLIENT SSH_CONNECTION SSH_TTY SUDO_USER SUDO_COMMAND MACHTYPE OSTYPE VENDOR GROUP HISTFILE HISTSIZE PS1 IFS OPTIND _ 
  NODE_ENV NODE_VERSION YARN_VERSION NODE_OPTIONS NODE_PATH NODE_EXTRA_CA_CERTS NODE_V8_COVERAGE UV_THREADPOOL_SIZE NO_COLOR FORCE_COLOR DEBUG
  npm_config_port npm_config_host npm_config_loglevel npm_config_proxy npm_config_user_agent npm_package_name npm_package_version npm_lifecycle_event
  npm_lifecycle_script npm_execpath npm_node_execpath npm_command npm_config_cache INIT_CWD NVM_DIR NVM_BIN COREPACK_HOME PNPM_HOME
  HTTP_PROXY HTTPS_PROXY NO_PROXY ALL_PROXY http_proxy https_proxy no_proxy FTP_PROXY SSL_CERT_FILE SSL_CERT_DIR
  DOCKER_HOST DOCKER_TLS_VERIFY DOCKER_CERT_PATH DOCKER_BUILDKIT COMPOSE_FILE COMPOSE_PROJECT_NAME COMPOSE_PROFILES container
  KUBERNETES_SERVICE_HOST KUBERNETES_PORT POD_NAME POD_IP POD_NAMESPACE NODE_NAME HELM_HOME KUBECONFIG
  CI GITHUB_ACTIONS GITHUB_TOKEN GITHUB_ENV GITHUB_PATH GITHUB_REF GITHUB_SHA GITHUB_API_URL GITHUB_SERVER_URL GITHUB_WORKSPACE RUNNER_OS RUNNER_TEMP
  RUNNER_TOOL_CACHE RUNNER_WORKSPACE ImageOS ImageVersion AGENT_TOOLSDIRECTORY GITLAB_CI CI_JOB_TOKEN CI_SERVER_HOST CI_SERVER_PORT CI_COMMIT_SHA
  JENKINS_URL JENKINS_SESSION_ID BUILD_ID BUILD_URL WORKSPACE TRAVIS CIRCLECI BUILDKITE TEAMCITY_VERSION
  AWS_REGION AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_PROFILE ECS_CONTAINER_METADATA_URI GOOGLE_APPLICATION_CREDENTIALS
  GCLOUD_PROJECT K_SERVICE K_REVISION K_CONFIGURATION AZURE_CLIENT_ID WEBSITE_HOSTNAME WEBSITE_SITE_NAME DYNO FLY_APP_NAME FLY_REGION RENDER
  RENDER_SERVICE_ID RAILWAY_ENVIRONMENT VERCEL_URL HEROKU_APP_NAME CBR_ENV_ID TCB_ENV TENCENTCLOUD_SECRETID TENCENTCLOUD_SECRETKEY
  ALIBABA_CLOUD_ACCESS_KEY_ID FC_ACCOUNT_ID ALIYUN_SECRET
  DATABASE_URL REDIS_URL REDIS_HOST REDIS_PASSWORD PGHOST PGPORT PGUSER PGPASSWORD MYSQL_ADDRESS MYSQL_USERNAME MYSQL_PASSWORD MYSQL_ROOT_PASSWORD
  MONGO_URL RABBITMQ_HOST KAFKA_BROKERS SMTP_HOST SMTP_PASSWORD DB_HOST DB_NAME DB_SECRET
  APP_ID APP_SECRET APP_KEY APP_NAME APP_ENV APP_URL APP_DEBUG API_KEY API_URL API_SECRET API_TIMEOUT SECRET SECRET_KEY JWT_SECRET COOKIE_SECRET
  AUTH_SECRET NEXTAUTH_SECRET CLIENT_ID CLIENT_SECRET BASE_URL SERVER_NAME SERVICE_NAME SERVICE_ACCOUNT SERVICE_ID STORE
  LOG_FILE LOG_DIR LOG_PATH LOG_COLOR LOG_NAME LOGFILE LOG RUST_LOG RUST_BACKTRACE GODEBUG GOMAXPROCS PYTHONUNBUFFERED VIRTUAL_ENV
  JAVA_HOME JAVA_OPTS MAVEN_OPTS GRADLE_HOME ANDROID_HOME CONDA_PREFIX LD_LIBRARY_PATH LD_PRELOAD MALLOC_ARENA_MAX GPG_TTY GPG_KEY
  OTEL_SERVICE_NAME OTEL_EXPORTER_OTLP_ENDPOINT DD_SERVICE DD_TRACE_ENABLED SENTRY_DSN WEB_CONCURRENCY INVOCATION_ID JOURNAL_STREAM
  NOTIFY_SOCKET LISTEN_FDS LISTEN_PID SYSTEMD_EXEC_PID MEMORY_PRESSURE_WATCH TMUX TMUX_PANE STY VSCODE_PID VSCODE_IPC_HOOK ELECTRON_RUN_AS_NODE
  WSL_DISTRO_NAME WSLENV WT_SESSION WT_PROFILE_ID ITERM_SESSION_ID ITERM_PROFILE KONSOLE_DBUS_SESSION WINDOWID
  WECHATY_TOKEN WECHATPAY_KEY WEB_SECRET LIMIT TIMEOUT MAX_AGE TTL STORAGE PROXY TRUST LEVEL FORMAT WORKER
`
  .split(/\s+/)
  .filter(Boolean)
