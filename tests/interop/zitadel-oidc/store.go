package main

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// The id of the first of the example's people.
const personID = "id1"

// people are those of the example, whose accounts can be switched off.
type people struct {
	storage.UserStore
	disabled atomic.Bool
}

func (p *people) GetUserByID(id string) *storage.User {
	if p.disabled.Load() {
		return nil
	}
	return p.UserStore.GetUserByID(id)
}

func (p *people) GetUserByUsername(name string) *storage.User {
	if p.disabled.Load() {
		return nil
	}
	return p.UserStore.GetUserByUsername(name)
}

// store is the storage of the example, with what that can't be told: lifetimes, more audiences,
// addresses for after the sign-out, and clients that come and go.
type store struct {
	*storage.Storage
	people   *people
	settings settings

	lock    sync.Mutex
	clients map[string]*storage.Client
	// When those access tokens end whose lifetime is not that of the example.
	ends map[string]time.Time
}

func newStore(people *people, s settings) *store {
	clients := map[string]*storage.Client{}
	store := &store{
		Storage:  storage.NewStorageWithClients(people, clients),
		people:   people,
		settings: s,
		clients:  clients,
		ends:     map[string]time.Time{},
	}
	for id := range s.Clients {
		store.addClient(id)
	}
	return store
}

func (s *store) addClient(id string) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.clients[id] = storage.NativeClient(id, s.settings.RedirectURIs...)
}

func (s *store) removeClient(id string) {
	s.lock.Lock()
	defer s.lock.Unlock()
	delete(s.clients, id)
}

func (s *store) endSession(clientID string) {
	check(s.TerminateSession(context.Background(), personID, clientID))
}

func (s *store) GetClientByClientID(ctx context.Context, id string) (op.Client, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	found, err := s.Storage.GetClientByClientID(ctx, id)
	if err != nil {
		return nil, err
	}
	return client{found, s.settings.PostLogoutURIs}, nil
}

type client struct {
	op.Client
	postLogoutURIs []string
}

func (c client) PostLogoutRedirectURIs() []string { return c.postLogoutURIs }

func (s *store) AuthRequestByCode(ctx context.Context, code string) (op.AuthRequest, error) {
	request, err := s.Storage.AuthRequestByCode(ctx, code)
	if err != nil {
		return nil, err
	}
	return signIn{request.(*storage.AuthRequest), s.audience(request)}, nil
}

func (s *store) TokenRequestByRefreshToken(ctx context.Context, token string) (op.RefreshTokenRequest, error) {
	request, err := s.Storage.TokenRequestByRefreshToken(ctx, token)
	if err != nil {
		return nil, err
	}
	return renewal{request.(*storage.RefreshTokenRequest), s.audience(request)}, nil
}

func (s *store) audience(request op.IDTokenRequest) []string {
	return slices.Concat(request.GetAudience(), s.settings.Clients[request.GetClientID()].Audiences)
}

type signIn struct {
	*storage.AuthRequest
	audience []string
}

func (r signIn) GetAudience() []string { return r.audience }

type renewal struct {
	*storage.RefreshTokenRequest
	audience []string
}

func (r renewal) GetAudience() []string { return r.audience }

// exampleRequest is the request as the example's storage wants it: it asks for these types.
func exampleRequest(request op.TokenRequest) op.TokenRequest {
	switch request := request.(type) {
	case signIn:
		return request.AuthRequest
	case renewal:
		return request.RefreshTokenRequest
	}
	return request
}

func (s *store) CreateAccessToken(ctx context.Context, request op.TokenRequest) (string, time.Time, error) {
	id, end, err := s.Storage.CreateAccessToken(ctx, exampleRequest(request))
	return id, s.endOf(request, id, end), err
}

func (s *store) CreateAccessAndRefreshTokens(
	ctx context.Context, request op.TokenRequest, refreshToken string,
) (string, string, time.Time, error) {
	id, newToken, end, err := s.Storage.CreateAccessAndRefreshTokens(ctx, exampleRequest(request), refreshToken)
	return id, newToken, s.endOf(request, id, end), err
}

// endOf is when this access token ends, which is then remembered if it isn't the example's own time.
func (s *store) endOf(request op.TokenRequest, id string, end time.Time) time.Time {
	known, ok := request.(op.IDTokenRequest)
	if !ok {
		return end
	}
	lifetime := s.settings.Clients[known.GetClientID()].Lifetime
	if lifetime == 0 {
		return end
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	s.ends[id] = time.Now().Add(time.Duration(lifetime) * time.Second)
	return s.ends[id]
}

func (s *store) SetUserinfoFromToken(ctx context.Context, userinfo *oidc.UserInfo, id, subject, origin string) error {
	if s.hasEnded(id) {
		// The words of the example.
		return errors.New("token is expired")
	}
	return s.Storage.SetUserinfoFromToken(ctx, userinfo, id, subject, origin)
}

func (s *store) hasEnded(id string) bool {
	s.lock.Lock()
	defer s.lock.Unlock()
	end, ok := s.ends[id]
	return ok && end.Before(time.Now())
}
