// Serves the example server of zitadel/oidc with clients of our own, and ends sessions when it is told to.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
)

type settings struct {
	Port           int                       `json:"port"`
	ControlPort    int                       `json:"control_port"`
	RedirectURIs   []string                  `json:"redirect_uris"`
	PostLogoutURIs []string                  `json:"post_logout_uris"`
	Clients        map[string]clientSettings `json:"clients"`
}

type clientSettings struct {
	// Of its access tokens, in seconds; without it the lifetime of the example.
	Lifetime int `json:"lifetime"`
	// Other audiences of its tokens.
	Audiences []string `json:"audiences"`
}

// The only argument is the settings.
func main() {
	var s settings
	check(json.Unmarshal([]byte(os.Args[1]), &s))
	issuer := fmt.Sprintf("http://localhost:%d/", s.Port)
	store := newStore(&people{UserStore: storage.NewUserStore(issuer)}, s)

	// Whoever waits for the issuer can then use the control address, too.
	control := listen(s.ControlPort)
	go func() { check(http.Serve(control, controlHandler(store))) }()

	logger := slog.New(slog.NewTextHandler(os.Stderr, nil))
	check(http.Serve(listen(s.Port), exampleop.SetupServer(issuer, store, logger, false)))
}

// controlHandler answers `POST /{action}?client_id={client}`.
func controlHandler(s *store) http.Handler {
	actions := map[string]func(clientID string){
		"person-disabled": func(string) { s.people.disabled.Store(true) },
		"session-deleted": s.endSession,
		"client-disabled": s.removeClient,
		"restore": func(clientID string) {
			s.people.disabled.Store(false)
			s.addClient(clientID)
			s.endSession(clientID)
		},
	}
	mux := http.NewServeMux()
	for name, action := range actions {
		mux.HandleFunc("POST /"+name, func(w http.ResponseWriter, r *http.Request) {
			action(r.URL.Query().Get("client_id"))
			w.WriteHeader(http.StatusNoContent)
		})
	}
	return mux
}

func listen(port int) net.Listener {
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	check(err)
	return listener
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
