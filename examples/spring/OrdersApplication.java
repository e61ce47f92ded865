// Shown, not run: no test of ours has a JVM. Spring Boot 3 with spring-boot-starter-web and
// spring-boot-starter-oauth2-resource-server, which speaks RFC 7662 as POST /v1/introspect does. Settings: application.yaml.
package com.example.orders;

import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.oauth2.core.OAuth2AuthenticatedPrincipal;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@SpringBootApplication
@RestController
public class OrdersApplication {

    public static void main(String[] args) {
        SpringApplication.run(OrdersApplication.class, args);
    }

    @Bean
    SecurityFilterChain security(HttpSecurity http) throws Exception {
        return http
                .authorizeHttpRequests(requests -> requests.anyRequest().authenticated())
                .oauth2ResourceServer(server -> server.opaqueToken(Customizer.withDefaults()))
                .sessionManagement(session -> session.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
                .csrf(csrf -> csrf.disable()) // the token is in a header, which no other site can send
                .build();
    }

    /** The principal's name is `sub`: the openid. */
    @GetMapping("/api/orders")
    Map<String, String> orders(@AuthenticationPrincipal OAuth2AuthenticatedPrincipal caller) {
        return Map.of("ordersOf", caller.getName());
    }
}
