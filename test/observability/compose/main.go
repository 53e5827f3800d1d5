// Loads a compose file with Docker Compose's parser and prints the names of its services.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/compose-spec/compose-go/v2/cli"
)

func main() {
	options, err := cli.NewProjectOptions(os.Args[1:], cli.WithName("check"), cli.WithConsistency(true))
	if err == nil {
		var project, failure = options.LoadProject(context.Background())
		err = failure
		if err == nil {
			for _, name := range project.ServiceNames() {
				fmt.Println(name)
			}
			return
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
