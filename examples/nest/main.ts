import 'reflect-metadata'
import {
  type CanActivate,
  Controller,
  createParamDecorator,
  type ExecutionContext,
  Get,
  HttpException,
  Injectable,
  Module,
  UseGuards,
} from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { type Caller, createVerifier, VerifyError } from '@r3session/verify'
import type { Request } from 'express'

const { PORT = '8080', R3SESSION_URL = 'http://localhost:3000', R3SESSION_KEY = '' } = process.env
const verify = createVerifier({ url: R3SESSION_URL, key: R3SESSION_KEY })

@Injectable()
class LoggedIn implements CanActivate {
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp()
    const request = http.getRequest<Request>()
    try {
      request.caller = await verify(request.headers)
      return true
    } catch (error) {
      if (!(error instanceof VerifyError)) throw error
      http.getResponse().set(error.headers)
      throw new HttpException(JSON.parse(error.body), error.status)
    }
  }
}

const WhoIsCalling = createParamDecorator(
  (_: unknown, context: ExecutionContext) => context.switchToHttp().getRequest<Request>().caller,
)

@Controller('api')
@UseGuards(LoggedIn)
class OrdersController {
  @Get('orders')
  orders(@WhoIsCalling() caller: Caller) {
    return { ordersOf: caller.openid }
  }
}

@Module({ controllers: [OrdersController] })
class AppModule {}

const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] })
await app.listen(Number(PORT), 'localhost')
