// A back end that asks r3session who is calling, with the standard library alone.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"
	"time"
)

// Caller is who is calling.
type Caller struct {
	OpenID string `json:"sub"`
	AppID  string `json:"client_id"`
}

var errNobody = errors.New("no session, or one that has ended")

var client = &http.Client{Timeout: 2 * time.Second}

// introspect asks r3session who the token stands for. It fails with errNobody, or where that can't be told.
func introspect(ctx context.Context, token string) (Caller, error) {
	body, err := json.Marshal(map[string]string{"token": token})
	if err != nil {
		return Caller{}, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, env("R3SESSION_URL", "http://localhost:3000")+"/v1/introspect", bytes.NewReader(body))
	if err != nil {
		return Caller{}, err
	}
	request.Header.Set("Authorization", "Bearer "+os.Getenv("R3SESSION_KEY"))
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return Caller{}, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return Caller{}, fmt.Errorf("r3session answers %s", response.Status)
	}
	var answer struct {
		Active *bool `json:"active"`
		Caller
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return Caller{}, err
	}
	switch {
	case answer.Active == nil || *answer.Active && answer.OpenID == "":
		return Caller{}, errors.New("r3session's answer makes no sense")
	case !*answer.Active:
		return Caller{}, errNobody
	}
	return answer.Caller, nil
}

type callerKey struct{}

// loggedIn lets nobody pass of whom it is not clear who they are.
func loggedIn(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		if token == "" {
			problem(w, http.StatusUnauthorized, "unauthorized", "relogin")
			return
		}
		caller, err := introspect(r.Context(), token)
		switch {
		case errors.Is(err, errNobody):
			problem(w, http.StatusUnauthorized, "invalid_session", "relogin")
		case err != nil:
			log.Printf("can't ask r3session: %v", err)
			w.Header().Set("Retry-After", "1")
			problem(w, http.StatusServiceUnavailable, "overloaded", "retry")
		default:
			next(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, caller)))
		}
	}
}

// problem answers as r3session does, so that its client in the mini program knows what to do.
func problem(w http.ResponseWriter, status int, code, action string) {
	answer(w, "application/problem+json", status, map[string]any{
		"type": "urn:r3session:error:" + code, "title": http.StatusText(status), "status": status, "code": code, "action": action,
	})
}

func answer(w http.ResponseWriter, contentType string, status int, body any) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body)
}

func orders(w http.ResponseWriter, r *http.Request) {
	caller := r.Context().Value(callerKey{}).(Caller)
	answer(w, "application/json", http.StatusOK, map[string]string{"ordersOf": caller.OpenID})
}

func main() {
	http.HandleFunc("/api/orders", loggedIn(orders))
	log.Fatal(http.ListenAndServe("localhost:"+env("PORT", "8080"), nil))
}

func env(name, otherwise string) string {
	if value, ok := os.LookupEnv(name); ok {
		return value
	}
	return otherwise
}
