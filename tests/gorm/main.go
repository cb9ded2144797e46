// SPDX-License-Identifier: Apache-2.0

// Writes the database files that our tests open: tests/gorm/kept/*.db, made by gorm itself. They are kept in the
// repository; run this again (`go run . kept`, cgo and a C compiler needed) only to make them anew. The same input
// gives the same rows; times are fixed.
package main

import (
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
)

type Company struct {
	gorm.Model
	Name string `gorm:"size:100;uniqueIndex"`
}

type Pet struct {
	gorm.Model
	UserID *uint `gorm:"index"`
	Name   string
}

type Language struct {
	Code string `gorm:"primaryKey;size:20"`
	Name string
}

type User struct {
	gorm.Model
	Name      string `gorm:"size:255;index"`
	Age       int    `gorm:"check:age >= 0"`
	Birthday  *time.Time
	Email     *string `gorm:"size:100;uniqueIndex"`
	CompanyID *uint
	Company   *Company
	Active    bool
	Weight    float64
	Photo     []byte
	Pets      []Pet
	Languages []Language `gorm:"many2many:user_languages"`
}

// Every name a little unusual: what the naming rules make of them must be the same on both sides.
type HTTPRequestLog struct {
	ID         uint64
	RequestURL string `gorm:"index:,unique,composite:who"`
	ClientID   int64  `gorm:"index:,unique,composite:who"`
	SHA256Hash []byte
	TookMS     int32 `gorm:"default:5"`
	Note       string
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	folder := "kept"
	if len(os.Args) > 1 {
		folder = os.Args[1]
	}
	path := filepath.Join(folder, "users.db")
	_ = os.Remove(path)
	next := time.Date(2024, 2, 29, 23, 59, 58, 123456789, time.FixedZone("CET", 3600))
	db, err := gorm.Open(sqlite.Open(path), &gorm.Config{NowFunc: func() time.Time {
		next = next.Add(time.Second)
		return next
	}})
	must(err)
	must(db.AutoMigrate(&Company{}, &User{}, &Pet{}, &Language{}, &HTTPRequestLog{}))
	must(db.Create(&[]Language{{"de", "Deutsch"}, {"fr", "Français"}, {"ja", "日本語"}}).Error)
	company := Company{Name: "ACME"}
	must(db.Create(&company).Error)
	birthday := time.Date(1999, 12, 31, 12, 0, 0, 500000000, time.UTC)
	for i := 0; i < 4; i++ {
		email := fmt.Sprintf("user%d@example.org", i)
		user := User{Name: fmt.Sprintf("user %d", i), Age: 20 + i, Email: &email, Active: i%2 == 1, Weight: 70.5 + float64(i)}
		if i == 0 {
			user.Birthday, user.Company, user.Photo = &birthday, &company, []byte{0, 1, 2, 255}
			user.Pets = []Pet{{Name: "Rex"}, {Name: "Mia"}}
			user.Languages = []Language{{Code: "de", Name: "Deutsch"}, {Code: "ja", Name: "日本語"}}
		}
		if i == 3 {
			user.Email = nil
		}
		must(db.Create(&user).Error)
	}
	must(db.Where("name = ?", "user 2").Delete(&User{}).Error)
	must(db.Create(&HTTPRequestLog{RequestURL: "/a", ClientID: 7, SHA256Hash: []byte("hash")}).Error)
	sqlDB, err := db.DB()
	must(err)
	must(sqlDB.Close())
}
